import type { CommandResult, View } from '@holdfast/api';
import type { CheckReport } from '../../repository/contract.ts';
import type { Damage } from '../../repository/damage.ts';
import { formatBytes, formatCount, formatNumbered } from '../format/numbers.ts';
import {
  bytesCell,
  countCell,
  detailView,
  durationCell,
  plainData,
  stackView,
  stateCell,
  tableView,
  textCell,
} from '../view/build.ts';
import { shortId } from './names.ts';

const shownDamage = 50;
/** Objects that an answer for programs lists. */
const mostListed = 10_000;

function where({ concerns, unlisted = 0 }: Damage): string {
  const [first] = concerns;
  if (first === undefined) return 'no restore point';
  const place =
    first.disk === '*'
      ? 'the whole point'
      : `${first.disk} at ${formatCount(first.offset)}, ${formatBytes(first.length)}`;
  const others = concerns.length - 1 + unlisted;
  const more = others > 0 ? ` and ${formatCount(others)} more ${others === 1 ? 'place' : 'places'}` : '';
  return `${shortId(first.point)}: ${place}${more}`;
}

/** As many as an answer for programs may hold; how many there are is said beside them. */
export const listed = <T>(all: readonly T[]): readonly T[] => all.slice(0, mostListed);

/** How many restore points can no longer be restored whole. */
export const pointsConcerned = (damage: readonly Damage[]): number =>
  new Set(damage.flatMap(({ concerns }) => concerns.map(({ point }) => point))).size;

/** Damage with the places that it concerns. */
export function damageTable(damage: readonly Damage[]): View {
  return tableView(
    damage.length > shownDamage ? `Damage (the first ${shownDamage} of ${damage.length})` : 'Damage',
    [
      { key: 'kind', title: 'what', priority: 0 },
      { key: 'object', title: 'object', priority: 0 },
      { key: 'detail', title: 'detail', priority: 2 },
      { key: 'where', title: 'concerns', priority: 0 },
    ],
    damage.slice(0, shownDamage).map((one) => ({
      id: one.object,
      cells: {
        kind: stateCell(one.kind, 'bad'),
        object: textCell(one.object),
        detail: textCell(one.detail),
        where: textCell(where(one)),
      },
    })),
    'none',
  );
}

/**
 * What a check found, as an answer; damage makes it fail with `REPOSITORY_DAMAGED`, after it has been shown.
 * @param target Where the repository is, for the command that mends it.
 */
export function checkAnswer(title: string, report: CheckReport, target: string): CommandResult {
  const isWhole = report.damage.length === 0;
  const what = report.tier === 'full' ? 'every byte decrypted and hashed' : 'every record authenticated';
  const sums = detailView(title, [
    ['state', 'State', isWhole ? stateCell(`whole: ${what}`, 'good') : stateCell('damaged', 'bad')],
    ['points', 'Restore points', countCell(report.points)],
    ['packs', 'Packs', countCell(report.packs)],
    ['chunks', 'Chunks', countCell(report.chunks)],
    ['bytes', 'Read', bytesCell(report.bytes)],
    ['duration', 'Took', durationCell(report.durationMs)],
  ]);
  const concerned = pointsConcerned(report.damage);
  return {
    data: plainData({ ...report, damage: listed(report.damage), damagedObjects: report.damage.length }),
    view: isWhole ? sums : stackView('', [sums, damageTable(report.damage)]),
    ...(isWhole
      ? {}
      : {
          failure: {
            code: 'REPOSITORY_DAMAGED' as const,
            message: `damaged or missing: ${formatNumbered(report.damage.length, 'object')}; cannot be restored whole: ${formatNumbered(concerned, 'restore point')}`,
            remedy: `the places are named above by disk and offset, not by file; all else still restores. \`holdfast repository repair ${target} --dry-run\` says what can be mended; protect the machines concerned again`,
          },
        }),
  };
}
