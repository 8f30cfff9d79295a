import type { ShellHandler } from '../../contract.ts';
import { instanceState } from '../../lookup/instance-state.ts';
import { placeOf } from '../../lookup/place-of.ts';
import { pluginStateOf } from '../../lookup/plugin-users.ts';
import { bytesCell, countCell, plainData, tableView, textCell } from '../../view/build.ts';

/** Targets as configured; what they hold comes from the catalog, so that none has to be opened. */
export const run: ShellHandler = async (site) => {
  const { config, origins } = await site.config();
  const host = await site.host();
  const catalog = await site.catalog();
  const targets = await Promise.all(
    Object.entries(config.targets).map(async ([name, instance]) => {
      const points = await catalog.points({ target: name });
      const machines = new Set(points.map(({ endpoint, machine }) => `${endpoint}\n${machine}`)).size;
      const storedBytes = points.reduce((sum, point) => sum + point.storedBytes, 0);
      return { name, instance, points: points.length, machines, storedBytes };
    }),
  );
  return {
    data: {
      targets: targets.map(({ instance, ...sums }) => ({
        ...sums,
        ...(plainData(instance) as object),
        pluginState: pluginStateOf(host, 'targets', instance.use),
      })),
    },
    view: tableView(
      'Targets',
      [
        { key: 'name', title: 'name', priority: 0 },
        { key: 'use', title: 'kind', priority: 0 },
        { key: 'state', title: 'plugin', priority: 1 },
        { key: 'place', title: 'place' },
        { key: 'machines', title: 'machines', align: 'right' },
        { key: 'points', title: 'points', align: 'right' },
        { key: 'stored', title: 'stored', align: 'right' },
        { key: 'origin', title: 'set in', priority: 3 },
      ],
      targets.map(({ name, instance, points, machines, storedBytes }) => ({
        id: name,
        cells: {
          name: textCell(name),
          state: instanceState(host, 'targets', instance.use),
          use: textCell(instance.use),
          place: textCell(placeOf(instance)),
          machines: countCell(machines),
          points: countCell(points),
          stored: bytesCell(storedBytes),
          origin: textCell(origins.get(`targets.${name}.use`)?.place ?? ''),
        },
      })),
      'no targets yet: `holdfast init --path FOLDER`, or `holdfast init --use KIND --set KEY=VALUE` for another kind',
    ),
  };
};
