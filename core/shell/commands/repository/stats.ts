import type { ShellHandler } from '../../contract.ts';
import { formatBytes, formatNumbered } from '../../format/numbers.ts';
import { chooseTarget } from '../../lookup/targets.ts';
import { textOrNull } from '../../registry/argument-values.ts';
import { bytesCell, countCell, detailView, noCell, plainData, textCell } from '../../view/build.ts';

const times = (ratio: number): string => `${ratio.toFixed(1)} ×`;

export const run: ShellHandler = async (site, args, call) => {
  const target = await chooseTarget(site, textOrNull(args, 'target'), 'TARGET');
  const stats = await (await site.repository(target, call)).stats(call);
  const saved = stats.storedBytes > 0 ? times(stats.logicalBytes / stats.storedBytes) : null;
  return {
    data: { target, ...(plainData(stats) as object) },
    view: detailView(`Repository on ${target}`, [
      ['id', 'Identity', textCell(stats.id)],
      ['hash', 'Hash', textCell(stats.hash)],
      ['machines', 'Machines', countCell(stats.machines)],
      ['points', 'Restore points', countCell(stats.points)],
      ['logical', 'Data in all restore points', bytesCell(stats.logicalBytes)],
      ['unique', 'Different data among it', bytesCell(stats.uniqueBytes)],
      ['stored', 'Stored', bytesCell(stats.storedBytes)],
      [
        'saved',
        'Saved',
        saved === null
          ? noCell
          : textCell(`${saved}: ${formatBytes(Math.max(0, stats.logicalBytes - stats.storedBytes))} need no room`),
      ],
      [
        'landed',
        'Waits to be deduplicated',
        stats.landed.packs === 0
          ? textCell('nothing')
          : textCell(`${formatBytes(stats.landed.bytes)} in ${formatNumbered(stats.landed.packs, 'pack')}`),
      ],
      ['chunks', 'Chunks', countCell(stats.chunks)],
      ['packs', 'Packs', countCell(stats.packs)],
    ]),
  };
};
