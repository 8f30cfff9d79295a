import type { CollectOptions, CollectReport } from '../../../repository/collect/contract.ts';
import type { ShellHandler } from '../../contract.ts';
import { formatBytes, formatNumbered } from '../../format/numbers.ts';
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

const isNothing = ({ decided, sweptPacks, condemnedPacks, repackedPacks, sweptObjects }: CollectReport): boolean =>
  decided.length === 0 && sweptPacks + condemnedPacks + repackedPacks + sweptObjects === 0;

/** What would happen, for the question before it. */
export function consequenceOf(target: string, plan: CollectReport): string {
  const packs = plan.sweptPacks + plan.condemnedPacks;
  const parts = [
    `removes ${formatNumbered(packs, 'pack')} (${formatBytes(plan.sweptBytes + plan.condemnedBytes)}) from ${target} that no restore point needs`,
    ...(plan.repackedPacks > 0
      ? [`writes ${formatBytes(plan.movedBytes)} of ${formatNumbered(plan.repackedPacks, 'pack')} anew to do so`]
      : []),
    ...(plan.sweptObjects > 0 ? [`removes ${formatNumbered(plan.sweptObjects, 'other object')} that are over`] : []),
  ];
  return parts.join(', ');
}

export const run: ShellHandler = async (site, args, call) => {
  const options = optionsOf(args);
  const target = await chooseTarget(site, textOrNull(args, 'target'), 'TARGET');
  const { repositories } = await site.engine();
  // Whoever agreed beforehand asked for no list: looking at everything costs as much as doing it.
  if (isSet(args, 'dryRun') || !isSet(args, 'yes')) {
    const plan = await repositories.collect(target, { ...options, dryRun: true }, call);
    if (isSet(args, 'dryRun') || isNothing(plan)) return collectAnswer(target, plan);
    for (const line of listOf(plan)) call.log('info', line);
    await confirmChange(site, args, consequenceOf(target, plan));
  }
  return collectAnswer(target, await repositories.collect(target, options, call));
};

/** The largest of what goes, one line each, for whoever is asked. */
function listOf(plan: CollectReport): readonly string[] {
  const shown = plan.decided.slice(0, 20).map(({ object, sizeBytes, liveBytes, fate }) => {
    const live = sizeBytes === 0 ? 0 : Math.round((100 * liveBytes) / sizeBytes);
    return `${object}: ${formatBytes(sizeBytes)}, ${live} % of it needed, ${fate}`;
  });
  const rest = plan.decided.length - shown.length;
  return rest > 0 ? [...shown, `and ${formatNumbered(rest, 'more pack')}`] : shown;
}
