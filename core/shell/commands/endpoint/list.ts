import type { ShellHandler } from '../../contract.ts';
import { instanceState } from '../../lookup/instance-state.ts';
import { pluginStateOf } from '../../lookup/plugin-users.ts';
import { plainData, tableView, textCell } from '../../view/build.ts';

export const run: ShellHandler = async (site) => {
  const { config, origins } = await site.config();
  const host = await site.host();
  const endpoints = Object.entries(config.endpoints);
  return {
    data: {
      endpoints: endpoints.map(([name, instance]) => ({
        name,
        ...(plainData(instance) as object),
        pluginState: pluginStateOf(host, 'hypervisors', instance.use),
      })),
    },
    view: tableView(
      'Endpoints',
      [
        { key: 'name', title: 'name', priority: 0 },
        { key: 'use', title: 'kind', priority: 0 },
        { key: 'state', title: 'plugin', priority: 1 },
        { key: 'settings', title: 'settings' },
        { key: 'origin', title: 'set in', priority: 2 },
      ],
      endpoints.map(([name, { use, ...settings }]) => ({
        id: name,
        cells: {
          name: textCell(name),
          state: instanceState(host, 'hypervisors', use),
          use: textCell(use),
          settings: textCell(
            Object.entries(settings)
              .map(([key, value]) => `${key}=${String(value)}`)
              .join(' '),
          ),
          origin: textCell(origins.get(`endpoints.${name}.use`)?.place ?? ''),
        },
      })),
      'no endpoints yet: `holdfast endpoint add NAME --use kvm --path FOLDER`',
    ),
  };
};
