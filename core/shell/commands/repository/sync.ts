import { HoldfastError } from '@holdfast/api';
import type { SyncPlan } from '../../../engine/repositories/contract.ts';
import type { ShellHandler } from '../../contract.ts';
import { formatBytes, formatNumbered } from '../../format/numbers.ts';
import { pastTime } from '../../lookup/past-time.ts';
import { pointsOfMachine } from '../../lookup/points.ts';
import { chooseTarget } from '../../lookup/targets.ts';
import { isSet, textOf, textOrNull } from '../../registry/argument-values.ts';
import { confirmChange } from '../../registry/confirm.ts';
import { rateOf } from './amounts.ts';
import { relationWords, syncAnswer, syncPlanAnswer, wantedOf } from './sync-answer.ts';

/** What would happen, for the question before it. */
export function consequenceOf(from: string, to: string, plan: SyncPlan): string {
  const missing = wantedOf(plan);
  const machines = new Set(missing.map(({ endpoint, machine }) => `${endpoint}/${machine}`)).size;
  const { length } = plan.expires;
  const forgets =
    length === 0
      ? ''
      : `; then forgets ${formatNumbered(length, 'restore point')} that the retention of ${to} no longer keeps`;
  const size = missing.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return `copies ${formatNumbered(missing.length, 'restore point')} of ${formatNumbered(machines, 'machine')} (disks of ${formatBytes(size)}) from ${from} to ${to}; ${relationWords[plan.relation]}${forgets}`;
}

export const run: ShellHandler = async (site, args, call) => {
  const options = { bytesPerSecond: rateOf(textOrNull(args, 'limit')) };
  const from = await chooseTarget(site, textOf(args, 'from'), 'FROM');
  const to = await chooseTarget(site, textOf(args, 'to'), 'TO');
  if (from === to)
    throw new HoldfastError('USAGE', `${from} cannot be copied to itself`, { remedy: 'name two targets' });
  const ago = textOrNull(args, 'since');
  const since = ago === null ? null : pastTime('since', ago, site.now());
  const engine = await site.engine();
  const named = textOrNull(args, 'machine');
  const [one] = named === null ? [] : pointsOfMachine(named, await engine.listPoints(from, call));
  const machine = one === undefined ? null : { endpoint: one.endpoint, machine: one.machine };
  const plan = await engine.repositories.planSync({ from, to, machine, since, again: isSet(args, 'again') }, call);
  const missing = wantedOf(plan);
  if (isSet(args, 'dryRun') || missing.length === 0) return syncPlanAnswer(from, to, plan, isSet(args, 'dryRun'));
  await confirmChange(site, args, consequenceOf(from, to, plan));
  let ended = 0;
  const outcome = await engine.repositories.sync({ from, to }, missing, options, call, ({ point, result, problem }) => {
    ended += 1;
    const what = problem?.message ?? (result?.wasThere === true ? 'was there already' : 'is copied');
    const of = `${new Date(point.takenAt).toISOString()} of ${point.machineName}`;
    call.log(problem === null ? 'info' : 'error', `${ended}/${missing.length} the restore point of ${of}: ${what}`);
  });
  return syncAnswer(from, to, outcome, plan);
};
