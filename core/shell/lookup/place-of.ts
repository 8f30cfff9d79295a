import type { Instance } from '../../config/contract.ts';
import { pluginSettings } from '../../config/instance.ts';

/** Where an endpoint or target is: its folder, where it has one, else what it is set to. Secrets are references, so they may be shown. */
export function placeOf(instance: Instance): string {
  const folder = instance.path ?? instance.folder;
  if (typeof folder === 'string') return folder;
  return Object.entries(pluginSettings(instance))
    .map(([key, value]) => `${key}=${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
    .join(' ');
}
