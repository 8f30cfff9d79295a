import type { ShellHandler } from '../../contract.ts';
import { shortId } from '../../lookup/names.ts';
import { listPoints, pointsOfMachine } from '../../lookup/points.ts';
import { textOrNull } from '../../registry/argument-values.ts';
import { bytesCell, plainData, tableView, textCell, timeCell } from '../../view/build.ts';

export const run: ShellHandler = async (site, args, call) => {
  const listing = await listPoints(site, textOrNull(args, 'target'), call);
  const machine = textOrNull(args, 'machine');
  const points = machine === null ? listing.points : pointsOfMachine(machine, listing.points);
  return {
    data: { points: plainData(points), silent: listing.silent },
    view: tableView(
      'Restore points',
      [
        { key: 'point', title: 'point', priority: 0 },
        { key: 'machine', title: 'machine', priority: 0 },
        { key: 'taken', title: 'taken', priority: 0 },
        { key: 'consistency', title: 'consistency', priority: 3 },
        { key: 'target', title: 'target', priority: 2 },
        { key: 'size', title: 'size', align: 'right' },
        { key: 'stored', title: 'stored', align: 'right' },
      ],
      points.map((point) => ({
        id: point.point,
        cells: {
          point: textCell(shortId(point.point)),
          machine: textCell(point.machineName),
          taken: timeCell(point.takenAt),
          consistency: textCell(point.consistency),
          target: textCell(point.target),
          size: bytesCell(point.sizeBytes),
          stored: bytesCell(point.storedBytes),
        },
      })),
      'no restore points yet: `holdfast protect MACHINE` makes one',
    ),
    partial: listing.silent.length > 0,
  };
};
