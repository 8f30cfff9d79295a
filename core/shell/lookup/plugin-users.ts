import type { Manifest } from '@holdfast/api';
import { isHoldfastError } from '@holdfast/api';
import type { Instance, LoadedConfig } from '../../config/contract.ts';
import type { PluginHost, PluginState } from '../../host/contract.ts';
import type { Site } from '../contract.ts';

/** Endpoints and targets that would lose their plugin, as the end of a sentence; empty when there are none. */
export async function usersOf(site: Site, { contributes }: Manifest): Promise<string> {
  const loaded = await configIfReadable(site);
  if (loaded === null) return '';
  const { endpoints, targets, notifiers = {} } = loaded.config;
  const users = [
    ...using('endpoint', endpoints, contributes.hypervisors ?? []),
    ...using('target', targets, contributes.targets ?? []),
    ...using('notifier', notifiers, contributes.notifiers ?? []),
  ];
  return users.length === 0 ? '' : `; ${users.join(', ')} cannot be used without it`;
}

function using(
  what: string,
  instances: Readonly<Record<string, Instance>>,
  contributions: readonly { readonly id: string }[],
): readonly string[] {
  return Object.entries(instances)
    .filter(([, { use }]) => contributions.some(({ id }) => id === use))
    .map(([name]) => `${what} ${name}`);
}

/** A configuration that is wrong must not keep a plugin from being removed. */
async function configIfReadable(site: Site): Promise<LoadedConfig | null> {
  try {
    return await site.config();
  } catch (problem) {
    if (isHoldfastError(problem)) return null;
    throw problem;
  }
}

/** How the plugin of an endpoint or target is; `missing` when no plugin contributes what it uses. */
export function pluginStateOf(
  host: Pick<PluginHost, 'plugins'>,
  kind: 'hypervisors' | 'targets' | 'notifiers',
  use: string,
): PluginState | 'missing' {
  const plugin = host
    .plugins()
    .find(({ manifest: { contributes } }) => (contributes[kind] ?? []).some(({ id }) => id === use));
  return plugin?.state ?? 'missing';
}
