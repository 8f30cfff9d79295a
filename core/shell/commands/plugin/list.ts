import { listPlugins, type PluginSummary } from '../../../host/authoring/list-plugins.ts';
import type { PastFailure, PluginState } from '../../../host/contract.ts';
import type { ShellHandler } from '../../contract.ts';
import { formatRelative } from '../../format/times.ts';
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

export const pluginState = (state: PluginState, lastFailure: PastFailure | null = null) =>
  state === 'idle' && lastFailure !== null
    ? stateCell('failed last time', 'bad')
    : stateCell(words[state], tones[state]);

/** What is wrong with it now, else how it failed when it was last started. */
function problemOf({ problem, lastFailure }: PluginSummary, now: number): string | null {
  if (problem !== null || lastFailure === null) return problem;
  return `failed to start ${formatRelative(lastFailure.at, now)}: ${lastFailure.message}`;
}

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
        plugins.map((plugin) => {
          const problem = problemOf(plugin, site.now());
          return {
            id: plugin.name,
            cells: {
              name: textCell(plugin.name),
              version: textCell(plugin.version),
              state: pluginState(plugin.state, plugin.lastFailure),
              origin: textCell(plugin.origin),
              contributes: textCell(plugin.contributes.join(', ')),
              problem: problem === null ? noCell : textCell(problem),
            },
          };
        }),
        'no plugins',
      ),
      ['problem'],
    ),
  };
};
