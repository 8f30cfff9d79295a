import type { Cell } from '@holdfast/api';
import type { PluginHost } from '../../host/contract.ts';
import { stateCell } from '../view/build.ts';
import { pluginStateOf } from './plugin-users.ts';

const words = {
  idle: ['ready', 'good'],
  active: ['ready', 'good'],
  failed: ['failed', 'bad'],
  untrusted: ['not trusted', 'risk'],
  invalid: ['not valid', 'bad'],
  missing: ['not there', 'bad'],
} as const;

/** Whether the plugin of an endpoint or target can be used, for lists. */
export function instanceState(host: PluginHost, kind: 'hypervisors' | 'targets' | 'notifiers', use: string): Cell {
  const [word, tone] = words[pluginStateOf(host, kind, use)];
  return stateCell(word, tone);
}
