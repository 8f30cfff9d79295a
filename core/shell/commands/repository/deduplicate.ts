import type { CommandResult } from '@holdfast/api';
import type { Deduplicated } from '../../../engine/repositories/contract.ts';
import type { DeduplicateReport } from '../../../repository/landing/contract.ts';
import type { ShellHandler } from '../../contract.ts';
import { formatBytes, formatNumbered } from '../../format/numbers.ts';
import { chooseTarget } from '../../lookup/targets.ts';
import { isSet, textOrNull } from '../../registry/argument-values.ts';
import { confirmChange } from '../../registry/confirm.ts';
import { countCell, detailView, durationCell, noCell, plainData, textCell, timeCell } from '../../view/build.ts';
import { rateOf, waitOf } from './amounts.ts';

export const run: ShellHandler = async (site, args, call) => {
  const target = await chooseTarget(site, textOrNull(args, 'target'), 'TARGET');
  const bytesPerSecond = rateOf(textOrNull(args, 'limit'));
  const waitMs = waitOf(textOrNull(args, 'wait')) ?? 0;
  const { repositories } = await site.engine();
  const looked = await repositories.deduplicate(target, { dryRun: true }, call);
  const { waited } = looked.report;
  if (isSet(args, 'dryRun') || waited.packs === 0) return deduplicateAnswer(target, looked);
  const what = amount(waited.packs, waited.bytes);
  await confirmChange(
    site,
    args,
    `deduplicates and compresses ${what} on ${target}, then removes what is needed no more`,
  );
  return deduplicateAnswer(target, await repositories.deduplicate(target, { bytesPerSecond, waitMs }, call));
};

const amount = (packs: number, bytes: number): string =>
  packs === 0 ? 'nothing' : `${formatBytes(bytes)} in ${formatNumbered(packs, 'pack')}`;

const reasons = {
  time: 'its time is over: the next pass goes on',
  room: 'there is no room on the target: give some back, then run it again',
} as const;

/** Why packs are left, for people. */
const whyLeft = ({ leftPacks, stoppedBy }: DeduplicateReport): string =>
  leftPacks === 0
    ? 'nothing'
    : `${formatNumbered(leftPacks, 'pack')}: ${stoppedBy === null ? 'damaged, or still being written' : reasons[stoppedBy]}`;

/** What a pass did, or what waits for one, as an answer. */
export function deduplicateAnswer(target: string, { report, collected }: Deduplicated): CommandResult {
  const { isDryRun, waited } = report;
  const waits = textCell(amount(waited.packs, waited.bytes));
  const since = waited.oldestAt === null ? noCell : timeCell(waited.oldestAt);
  const swept = collected === null ? 'nothing' : amount(collected.sweptPacks, collected.sweptBytes);
  const later =
    collected !== null && collected.awaited.length > 0 ? '; the rest when those have ended who began before' : '';
  return {
    data: {
      target,
      ...(isDryRun ? { dryRun: true } : {}),
      ...(plainData(report) as object),
      sweptPacks: collected?.sweptPacks ?? 0,
      sweptBytes: collected?.sweptBytes ?? 0,
    },
    view: isDryRun
      ? detailView(`Waits to be deduplicated on ${target}`, [
          ['waited', 'Waits', waits],
          ['oldest', 'Since', since],
        ])
      : detailView(`Deduplicated on ${target}`, [
          ['waited', 'Waited', waits],
          ['oldest', 'Since', since],
          ['moved', 'Chunks written anew', countCell(report.moved)],
          ['bytes', 'Of them', textCell(`${formatBytes(report.movedBytes)} became ${formatBytes(report.storedBytes)}`)],
          ['swept', 'Given back', textCell(`${swept}${later}`)],
          ['left', 'Left', textCell(whyLeft(report))],
          ['duration', 'Took', durationCell(report.durationMs)],
        ]),
  };
}
