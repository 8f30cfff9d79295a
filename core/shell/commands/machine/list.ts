import type { Machine } from '@holdfast/api';
import { findInstance } from '../../../config/instance.ts';
import type { ShellHandler } from '../../contract.ts';
import { takeInventory } from '../../lookup/machines.ts';
import { textOrNull } from '../../registry/argument-values.ts';
import { bytesCell, countCell, stateCell, tableView, textCell, timeCell } from '../../view/build.ts';

const sizeOf = (machine: Machine): number => machine.disks.reduce((sum, disk) => sum + disk.sizeBytes, 0);

function stateOf(machine: Machine, points: number) {
  if (machine.problem !== undefined) return stateCell(machine.problem, 'bad');
  return points > 0 ? stateCell('protected', 'good') : stateCell('unprotected', 'quiet');
}

/** The inventory of the endpoints. What is known of restore points comes from the catalog, so that no repository has to be opened. */
export const run: ShellHandler = async (site, args, call) => {
  const only = textOrNull(args, 'endpoint');
  if (only !== null) findInstance(await site.config(), 'endpoints', only);
  const { seen, silent } = await takeInventory(
    site,
    only === null ? Object.keys((await site.config()).config.endpoints) : [only],
    call,
  );
  const counts = await (await site.catalog()).pointCounts();
  const byMachine = new Map(counts.map((count) => [`${count.endpoint}\n${count.machine}`, count]));
  const machines = seen.map(({ endpoint, machine }) => {
    const own = byMachine.get(`${endpoint}\n${machine.id}`);
    return { endpoint, machine, points: own?.points ?? 0, lastPointAt: own?.newestAt ?? null };
  });
  const rows = machines.map(({ endpoint, machine, points: count, lastPointAt }) => ({
    id: `${endpoint}/${machine.name}`,
    cells: {
      name: textCell(machine.name),
      endpoint: textCell(endpoint),
      power: textCell(machine.power),
      disks: countCell(machine.disks.length),
      size: bytesCell(sizeOf(machine)),
      points: countCell(count),
      last: timeCell(lastPointAt),
      state: stateOf(machine, count),
    },
  }));
  return {
    data: {
      machines: machines.map(({ endpoint, machine, points: count, lastPointAt }) => ({
        endpoint,
        id: machine.id,
        name: machine.name,
        power: machine.power,
        place: machine.place,
        disks: machine.disks.map(({ key, sizeBytes, format }) => ({ key, sizeBytes, format })),
        sizeBytes: sizeOf(machine),
        points: count,
        lastPointAt,
        problem: machine.problem ?? null,
      })),
      silent: [...silent.keys()],
    },
    view: tableView(
      'Machines',
      [
        { key: 'name', title: 'name', priority: 0 },
        { key: 'state', title: 'state', priority: 0 },
        { key: 'endpoint', title: 'endpoint' },
        { key: 'power', title: 'power', priority: 2 },
        { key: 'disks', title: 'disks', align: 'right', priority: 3 },
        { key: 'size', title: 'size', align: 'right' },
        { key: 'points', title: 'points', align: 'right' },
        { key: 'last', title: 'last point', align: 'right' },
      ],
      rows,
      'no machines yet: `holdfast endpoint add NAME --use kvm --path FOLDER`, or `holdfast quickstart` to try it out',
    ),
    partial: silent.size > 0,
  };
};
