import { HoldfastError } from '@holdfast/api';
import type { AppliedPolicies, PolicyPlan, WantedPolicies } from '../../../engine/policies/contract.ts';
import { readApplied } from '../../../engine/policies/in-force.ts';
import { refused } from '../../../engine/policies/open.ts';
import type { ShellHandler, Site } from '../../contract.ts';
import { formatNumbered } from '../../format/numbers.ts';
import { formatMoment } from '../../format/times.ts';
import { wantedPolicies } from '../../lookup/policy-file.ts';
import { type Arguments, isSet, numberOrNull, textOrNull } from '../../registry/argument-values.ts';
import { confirmChange } from '../../registry/confirm.ts';
import type { Undo } from '../../setup/undo-removal.ts';
import { countCell, detailView, plainData, stackView, stateCell, textCell } from '../../view/build.ts';
import { policyPlanView } from '../../view/policy-plan.ts';
import { planAnswer } from '../plan/answer.ts';

/** Points that a question names; the plan has all of them. */
const mostNamed = 5;

/** The policies that are to be put in force: those of a file, or of the history. */
async function wantedOf(site: Site, args: Arguments): Promise<WantedPolicies> {
  const id = numberOrNull(args, 'id');
  const file = textOrNull(args, 'file');
  if (id === null) return wantedPolicies(site, file);
  if (file !== null) throw new HoldfastError('USAGE', '--file and --id name two different things: give one of them');
  const row = await (await site.catalog()).policies.set(id);
  if (row === null)
    throw new HoldfastError(
      'POLICY_NOT_FOUND',
      `no policies were applied as number ${id}, or they are too old to be kept`,
      {
        remedy: '`holdfast policy history` shows what there is',
        facts: { applied: id },
      },
    );
  return readApplied(row);
}

/** What will be different afterwards, for the question. Points that would expire are named. */
export function consequenceOf({ changes, expires }: PolicyPlan): string {
  const words = { add: 'adds', change: 'changes', remove: 'removes' } as const;
  const said = (['add', 'change', 'remove'] as const).flatMap((kind) => {
    const names = changes.filter((change) => change.kind === kind).map(({ policy }) => policy);
    return names.length === 0 ? [] : [`${words[kind]} ${names.join(', ')}`];
  });
  const changed = said.length === 0 ? 'changes no policy' : said.join(', ');
  if (expires.length === 0) return `${changed}; no restore point expires by it`;
  const named = expires
    .slice(0, mostNamed)
    .map(({ machineName, takenAt }) => `${machineName} of ${formatMoment(takenAt)}`);
  const more = expires.length - named.length;
  const list = more > 0 ? `${named.join(', ')} and ${more} more` : named.join(', ');
  return `${changed}; ${formatNumbered(expires.length, 'restore point')} would expire at the next run of their machine and could not be restored any more: ${list}`;
}

/** The command that puts in force what was before; `null` when nothing was. */
const undoOf = (before: AppliedPolicies | null): Undo | null =>
  before === null ? null : { command: 'apply', args: { id: before.id, yes: true } };

export const run: ShellHandler = async (site, args, call) => {
  const { policies } = await site.engine();
  const wanted = await wantedOf(site, args);
  const plan = await policies.plan(wanted, call);
  if (isSet(args, 'dryRun')) {
    const answer = planAnswer(wanted, plan);
    return { ...answer, data: { dryRun: true, ...(plainData({ ...(answer.data as object) }) as object) } };
  }
  if (plan.refusals.length > 0) throw refused(plan);
  const before = await policies.applied();
  const { set } = wanted;
  const summary = (applied: AppliedPolicies, state: string) =>
    detailView('Policies', [
      ['state', 'State', stateCell(state, 'good')],
      ['number', 'Number', countCell(applied.id)],
      ['policies', 'Policies', countCell(set.policies.length)],
      ['zone', 'Time zone', textCell(set.zone)],
      ['source', 'From', textCell(applied.source)],
    ]);
  if (before !== null && before.text === wanted.text && before.source === wanted.source)
    return {
      data: { applied: before.id, changed: false, undo: null },
      view: summary(before, 'in force already: nothing changed'),
    };
  await confirmChange(site, args, consequenceOf(plan));
  const applied = await policies.apply(wanted, plan, call);
  return {
    data: { applied: applied.id, changed: true, plan: plainData(plan), undo: undoOf(before) },
    view: stackView('', [summary(applied, 'in force'), policyPlanView(plan)]),
  };
};
