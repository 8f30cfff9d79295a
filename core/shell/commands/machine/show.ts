import { HoldfastError } from '@holdfast/api';
import { nearest } from '../../../config/nearest.ts';
import type { ShellHandler } from '../../contract.ts';
import { endpointNames, type Seen, takeInventory } from '../../lookup/machines.ts';
import { shortId } from '../../lookup/names.ts';
import { textOf } from '../../registry/argument-values.ts';
import {
  bytesCell,
  detailView,
  noCell,
  plainData,
  stackView,
  stateCell,
  tableView,
  textCell,
  timeCell,
} from '../../view/build.ts';

function choose(wanted: string, seen: readonly Seen[]): Seen {
  const fitting = seen.filter(
    ({ endpoint, machine }) =>
      machine.id === wanted || machine.name === wanted || `${endpoint}/${machine.name}` === wanted,
  );
  const [first, second] = fitting;
  if (first !== undefined && second === undefined) return first;
  if (first === undefined) {
    const meant = nearest(wanted, new Set(seen.map(({ machine }) => machine.name)));
    const list = '`holdfast machine list` shows what there is';
    throw new HoldfastError('MACHINE_NOT_FOUND', `no machine is called ${wanted}`, {
      remedy: meant === undefined ? list : `did you mean ${meant}? ${list}`,
      facts: { machine: wanted },
    });
  }
  throw new HoldfastError('MACHINE_AMBIGUOUS', `${fitting.length} machines are called ${wanted}`, {
    remedy: `name one of: ${fitting.map(({ endpoint, machine }) => `${endpoint}/${machine.name}`).join(', ')}`,
  });
}

export const run: ShellHandler = async (site, args, call) => {
  const { seen } = await takeInventory(site, await endpointNames(site), call);
  const { endpoint, machine } = choose(textOf(args, 'name'), seen);
  const points = await (await site.catalog()).points({ endpoint, machine: machine.id });
  const problem = machine.problem;
  return {
    data: { endpoint, machine: plainData(machine), points: plainData(points) },
    view: stackView('', [
      detailView(machine.name, [
        ['state', 'State', problem === undefined ? stateCell('can be protected', 'good') : stateCell(problem, 'bad')],
        ['endpoint', 'Endpoint', textCell(endpoint)],
        ['id', 'Identity', textCell(machine.id)],
        ['power', 'Power', textCell(machine.power)],
        ['place', 'Place', textCell(machine.place)],
        ['guest', 'Guest', machine.guest === undefined ? noCell : textCell(machine.guest)],
        ['memory', 'Memory', bytesCell(machine.memoryBytes)],
        ['tags', 'Tags', machine.tags.length === 0 ? noCell : textCell(machine.tags.join(', '))],
      ]),
      tableView(
        'Disks',
        [
          { key: 'key', title: 'disk', priority: 0 },
          { key: 'size', title: 'size', align: 'right', priority: 0 },
          { key: 'allocated', title: 'allocated', align: 'right' },
          { key: 'format', title: 'format' },
          { key: 'location', title: 'location', priority: 2 },
        ],
        machine.disks.map((disk) => ({
          id: disk.key,
          cells: {
            key: textCell(disk.key),
            size: bytesCell(disk.sizeBytes),
            allocated: bytesCell(disk.allocatedBytes),
            format: textCell(disk.format),
            location: textCell(disk.location),
          },
        })),
        'no disks',
      ),
      tableView(
        'Restore points',
        [
          { key: 'point', title: 'point', priority: 0 },
          { key: 'taken', title: 'taken', priority: 0 },
          { key: 'target', title: 'target' },
          { key: 'consistency', title: 'consistency', priority: 2 },
          { key: 'stored', title: 'stored', align: 'right' },
        ],
        points.map((point) => ({
          id: point.point,
          cells: {
            point: textCell(shortId(point.point)),
            taken: timeCell(point.takenAt),
            target: textCell(point.target),
            consistency: textCell(point.consistency),
            stored: bytesCell(point.storedBytes),
          },
        })),
        `none yet: \`holdfast protect ${machine.name}\``,
      ),
    ]),
  };
};
