import { listPlugins } from '../../../host/authoring/list-plugins.ts';
import type { PluginState } from '../../../host/contract.ts';
import type { ShellHandler } from '../../contract.ts';
import { noCell, plainData, stateCell, tableView, textCell, withoutEmpty } from '../../view/build.ts';

const tones: Readonly<Record<PluginState, Parameters<typeof stateCell>[1]>> = {
  idle: 'good',
  active: 'active',
  failed: 'bad',
  untrusted: 'risk',
  invalid: 'bad',
};
const words: Readonly<Record<PluginState, string>> = {
  idle: 'ready',
  active: 'active',
  failed: 'failed',
  untrusted: 'not trusted',
  invalid: 'not valid',
};

export const pluginState = (state: PluginState) => stateCell(words[state], tones[state]);

export const run: ShellHandler = async (site) => {
  const plugins = listPlugins(await site.host());
  return {
    data: { plugins: plainData(plugins) },
    view: withoutEmpty(
      tableView(
        'Plugins',
        [
          { key: 'name', title: 'name', priority: 0 },
          { key: 'version', title: 'version', priority: 2 },
          { key: 'state', title: 'state', priority: 0 },
          { key: 'origin', title: 'origin', priority: 2 },
          { key: 'contributes', title: 'contributes' },
          { key: 'problem', title: 'problem' },
        ],
        plugins.map((plugin) => ({
          id: plugin.name,
          cells: {
            name: textCell(plugin.name),
            version: textCell(plugin.version),
            state: pluginState(plugin.state),
            origin: textCell(plugin.origin),
            contributes: textCell(plugin.contributes.join(', ')),
            problem: plugin.problem === null ? noCell : textCell(plugin.problem),
          },
        })),
        'no plugins',
      ),
      ['problem'],
    ),
  };
};
