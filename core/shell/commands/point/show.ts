import type { ShellHandler } from '../../contract.ts';
import { findPoint } from '../../lookup/points.ts';
import { textOf, textOrNull } from '../../registry/argument-values.ts';
import {
  bytesCell,
  detailView,
  durationCell,
  plainData,
  stackView,
  tableView,
  textCell,
  timeCell,
} from '../../view/build.ts';

export const run: ShellHandler = async (site, args, call) => {
  const point = await findPoint(site, textOf(args, 'point'), textOrNull(args, 'target'), call);
  const repository = await site.repository(point.target, call);
  const { machine, frozenMs } = await repository.open(point.point, call);
  return {
    data: { point: plainData(point), machine: plainData(machine), frozenMs },
    view: stackView('', [
      detailView(`Restore point ${point.point}`, [
        ['machine', 'Machine', textCell(point.machineName)],
        ['identity', 'Its identity', textCell(point.machine)],
        ['endpoint', 'Endpoint', textCell(point.endpoint)],
        ['taken', 'Taken', timeCell(point.takenAt)],
        ['committed', 'Committed', timeCell(point.committedAt)],
        ['duration', 'Took', durationCell(point.committedAt - point.takenAt)],
        ['consistency', 'Consistency', textCell(point.consistency)],
        ['frozen', 'Guest held still', durationCell(frozenMs)],
        ['target', 'Target', textCell(point.target)],
        ['size', 'Size', bytesCell(point.sizeBytes)],
        ['stored', 'Added to the target', bytesCell(point.storedBytes)],
        ['config', 'Machine’s definition', textCell(machine.config?.mediaType ?? 'none')],
      ]),
      tableView(
        'Disks',
        [
          { key: 'key', title: 'disk' },
          { key: 'size', title: 'size', align: 'right' },
          { key: 'format', title: 'format' },
        ],
        point.disks.map((disk) => ({
          id: disk.key,
          cells: { key: textCell(disk.key), size: bytesCell(disk.sizeBytes), format: textCell(disk.format) },
        })),
        'no disks',
      ),
    ]),
  };
};
