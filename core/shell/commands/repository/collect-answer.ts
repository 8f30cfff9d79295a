import type { CommandResult, Tone, View } from '@holdfast/api';
import type { AwaitedLease, CollectReport, PackFate } from '../../../repository/collect/contract.ts';
import { formatBytes, formatCount, formatNumbered } from '../../format/numbers.ts';
import { shortId } from '../../lookup/names.ts';
import {
  bytesCell,
  countCell,
  detailView,
  durationCell,
  plainData,
  ratioCell,
  stackView,
  stateCell,
  tableView,
  textCell,
  timeCell,
} from '../../view/build.ts';

const shownPacks = 50;

const tones: Readonly<Record<PackFate, Tone>> = {
  swept: 'good',
  condemned: 'active',
  repacked: 'active',
  reprieved: 'quiet',
};

const packTable = ({ decided }: CollectReport): View =>
  tableView(
    decided.length > shownPacks ? `Packs (the largest ${shownPacks} of ${formatCount(decided.length)})` : 'Packs',
    [
      { key: 'pack', title: 'pack', priority: 0 },
      { key: 'fate', title: 'what', priority: 0 },
      { key: 'size', title: 'size', align: 'right', priority: 0 },
      { key: 'live', title: 'needed', align: 'right' },
    ],
    decided.slice(0, shownPacks).map(({ object, sizeBytes, liveBytes, fate }) => ({
      id: object,
      cells: {
        pack: textCell(object),
        fate: stateCell(fate, tones[fate]),
        size: bytesCell(sizeBytes),
        live: ratioCell(sizeBytes === 0 ? 0 : liveBytes / sizeBytes),
      },
    })),
    'none',
  );

const awaitedTable = (awaited: readonly AwaitedLease[]): View =>
  tableView(
    'Waited for',
    [
      { key: 'lease', title: 'lease', priority: 0 },
      { key: 'what', title: 'what', priority: 0 },
      { key: 'host', title: 'host' },
      { key: 'pid', title: 'process', align: 'right' },
      { key: 'alive', title: 'alive at' },
    ],
    awaited.map(({ lease, purpose, host, pid, aliveAt }) => ({
      id: lease,
      cells: {
        lease: textCell(shortId(lease)),
        what: textCell(purpose),
        host: textCell(host),
        // Not a count: nobody parts its thousands.
        pid: textCell(String(pid)),
        alive: timeCell(aliveAt),
      },
    })),
    'nobody',
  );

/** What a collection did, or would do, as an answer. */
export function collectAnswer(target: string, report: CollectReport): CommandResult {
  const { isDryRun, condemnedPacks, condemnedBytes, fenced, awaited } = report;
  const waits =
    condemnedPacks === 0
      ? textCell('nothing')
      : textCell(
          `${formatNumbered(condemnedPacks, 'pack')}, ${formatBytes(condemnedBytes)}: ${
            awaited.length > 0
              ? 'until those below have ended'
              : isDryRun
                ? 'removed at once, for nobody is waited for'
                : 'the next collection removes them'
          }`,
        );
  const sums = detailView(isDryRun ? `Would give back on ${target}` : `Gave back on ${target}`, [
    ['packs', 'Packs looked at', countCell(report.packs)],
    ['stored', 'Stored before', bytesCell(report.storedBytes)],
    ['swept', isDryRun ? 'Would be removed' : 'Removed', packsAndBytes(report.sweptPacks, report.sweptBytes)],
    ['condemned', isDryRun ? 'Would be condemned' : 'Condemned, waiting', waits],
    [
      'repacked',
      isDryRun ? 'Would be written anew' : 'Written anew',
      packsAndBytes(report.repackedPacks, report.movedBytes),
    ],
    [
      'forgotten',
      'Forgotten, going for good',
      textCell(report.forgotten.length === 0 ? 'none' : formatNumbered(report.forgotten.length, 'restore point')),
    ],
    ['objects', 'Other objects removed', countCell(report.sweptObjects)],
    [
      'fenced',
      'Fenced',
      textCell(
        fenced.length === 0
          ? 'nobody'
          : `${fenced.map(shortId).join(', ')}: silent for too long or dead, they can never commit`,
      ),
    ],
    ['duration', 'Took', durationCell(report.durationMs)],
  ]);
  const tables = [
    ...(report.decided.length > 0 ? [packTable(report)] : []),
    ...(awaited.length > 0 ? [awaitedTable(awaited)] : []),
  ];
  return {
    data: { target, ...(isDryRun ? { dryRun: true } : {}), ...(plainData(report) as object) },
    view: tables.length === 0 ? sums : stackView('', [sums, ...tables]),
  };
}

const packsAndBytes = (packs: number, bytes: number) =>
  textCell(packs === 0 ? 'nothing' : `${formatNumbered(packs, 'pack')}, ${formatBytes(bytes)}`);
