import type { CollectOptions, CollectReport } from '../../../repository/collect/contract.ts';
import type { ShellHandler } from '../../contract.ts';
import { formatBytes, formatCount, formatNumbered } from '../../format/numbers.ts';
import { shortId } from '../../lookup/names.ts';
import { chooseTarget } from '../../lookup/targets.ts';
import { type Arguments, isSet, textOrNull } from '../../registry/argument-values.ts';
import { confirmChange } from '../../registry/confirm.ts';
import { rateOf, shareOf, waitOf } from './amounts.ts';
import { collectAnswer } from './collect-answer.ts';

function optionsOf(args: Arguments): CollectOptions {
  const repackBelow = shareOf(textOrNull(args, 'repackBelow'));
  return {
    ...(repackBelow === null ? {} : { repackBelow }),
    bytesPerSecond: rateOf(textOrNull(args, 'limit')),
    waitMs: waitOf(textOrNull(args, 'wait')) ?? 0,
  };
}

const isNothing = ({ decided, forgotten, ...sums }: CollectReport): boolean => {
  const { sweptPacks, condemnedPacks, repackedPacks, sweptObjects } = sums;
  return decided.length + forgotten.length === 0 && sweptPacks + condemnedPacks + repackedPacks + sweptObjects === 0;
};

/** What would happen, for the question before it. */
export function consequenceOf(target: string, plan: CollectReport): string {
  const packs = plan.sweptPacks + plan.condemnedPacks;
  const parts = [
    ...(packs > 0
      ? [
          `removes ${formatNumbered(packs, 'pack')} (${formatBytes(plan.sweptBytes + plan.condemnedBytes)}) that no restore point needs`,
        ]
      : []),
    ...(plan.repackedPacks > 0
      ? [`writes ${formatBytes(plan.movedBytes)} of ${formatNumbered(plan.repackedPacks, 'pack')} anew to do so`]
      : []),
    ...(plan.forgotten.length > 0
      ? [`removes what is left of ${formatNumbered(plan.forgotten.length, 'forgotten restore point')}`]
      : []),
    ...(plan.sweptObjects > 0
      ? [`removes ${formatNumbered(plan.sweptObjects, 'other object')} of work that is over`]
      : []),
  ];
  return `${parts.join(', ')}, on ${target}`;
}

export const run: ShellHandler = async (site, args, call) => {
  const options = optionsOf(args);
  const target = await chooseTarget(site, textOrNull(args, 'target'), 'TARGET');
  const { repositories } = await site.engine();
  const show = (plan: CollectReport): void => {
    for (const line of listOf(plan)) call.log('info', line);
  };
  if (isSet(args, 'dryRun') || !isSet(args, 'yes')) {
    const plan = await repositories.collect(target, { ...options, dryRun: true }, call);
    if (isSet(args, 'dryRun') || isNothing(plan)) return collectAnswer(target, plan);
    show(plan);
    await confirmChange(site, args, consequenceOf(target, plan));
    return collectAnswer(target, await repositories.collect(target, options, call));
  }
  // Whoever agreed beforehand is shown what was found on the way: looking at everything twice would cost as much again.
  return collectAnswer(target, await repositories.collect(target, { ...options, decided: show }, call));
};

const shownPacks = 20;
const shownPoints = 10;

/** What goes, one line each, the largest first: for whoever is asked, and for the log of whoever agreed beforehand. */
function listOf({ decided, forgotten }: CollectReport): readonly string[] {
  const packs = decided.slice(0, shownPacks).map(({ object, sizeBytes, liveBytes, fate }) => {
    const live = sizeBytes === 0 ? 0 : Math.round((100 * liveBytes) / sizeBytes);
    const what = fate === 'repacked' ? 'that is written anew, then it goes' : 'goes';
    return `${object}: ${formatBytes(sizeBytes)}, ${live} % of it needed, ${what}`;
  });
  const more = decided.length - packs.length;
  const points = forgotten.slice(0, shownPoints).map(shortId).join(', ');
  const others = forgotten.length - shownPoints;
  return [
    ...packs,
    ...(more > 0 ? [`and ${formatNumbered(more, 'more pack')}`] : []),
    ...(forgotten.length > 0
      ? [
          `what is left of forgotten restore points goes: ${points}${others > 0 ? ` and ${formatCount(others)} more` : ''}`,
        ]
      : []),
  ];
}
