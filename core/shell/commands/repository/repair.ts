import type { Damage } from '../../../repository/damage.ts';
import type { RepairAct, RepairPlan } from '../../../repository/repair/contract.ts';
import type { ShellHandler } from '../../contract.ts';
import { formatNumbered } from '../../format/numbers.ts';
import { gonePoints, withMore } from '../../lookup/gone-points.ts';
import { chooseTarget } from '../../lookup/targets.ts';
import { isSet, textOrNull } from '../../registry/argument-values.ts';
import { confirmChange } from '../../registry/confirm.ts';
import { repairAnswer, repairPlanAnswer } from './repair-answer.ts';

/** What would be done, for the question before it. */
export function consequenceOf(target: string, { acts }: RepairPlan): string {
  const count = (act: string): number => acts.filter((one) => one.act === act).length;
  const parts = [
    count('rebuild') > 0 ? `makes ${formatNumbered(count('rebuild'), 'index run')} anew` : '',
    count('salvage') > 0
      ? `writes anew what is whole in ${formatNumbered(count('salvage'), 'damaged pack')}, which then goes`
      : '',
    count('remove') > 0 ? `removes ${formatNumbered(count('remove'), 'leftover')}` : '',
    count('none') > 0
      ? `leaves ${formatNumbered(count('none'), 'object')} as they are, for which nothing can be done here`
      : '',
  ].filter((part) => part !== '');
  return `mends the repository on ${target}: ${parts.join(', ')}`;
}

function actsOfGone({ acts }: RepairPlan, gone: readonly Damage[], target: string): RepairAct[] {
  const known = new Set(acts.map(({ object }) => object));
  const detail = `put back a copy of it from another copy of the repository; if an older state was put here on purpose, \`holdfast repository accept ${target}\``;
  return gone.flatMap(({ object }) => (known.has(object) ? [] : [{ object, act: 'none' as const, detail }]));
}

export const run: ShellHandler = async (site, args, call) => {
  const target = await chooseTarget(site, textOrNull(args, 'target'), 'TARGET');
  const repository = await site.repository(target, call);
  const planned = await repository.planRepair(isSet(args, 'full') ? 'full' : 'fast', call);
  const gone = await gonePoints(site, repository, target, call);
  const plan = {
    damage: withMore(planned.damage, gone),
    acts: [...planned.acts, ...actsOfGone(planned, gone, target)],
  };
  const canDo = plan.acts.some(({ act }) => act !== 'none');
  if (isSet(args, 'dryRun') || !canDo) return repairPlanAnswer(target, plan, isSet(args, 'dryRun'));
  for (const { object, act, detail } of plan.acts.slice(0, 20)) call.log('info', `${act} ${object}: ${detail}`);
  await confirmChange(site, args, consequenceOf(target, plan));
  return repairAnswer(target, await repository.repair(plan, call));
};
