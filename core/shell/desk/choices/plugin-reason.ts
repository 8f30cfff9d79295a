import type { PluginHost, PluginState, PluginStatus } from '../../../host/contract.ts';

/** Whose something is, where it is not Holdfast's own. */
export const from = ({ origin, manifest }: PluginStatus): string =>
  origin === 'shipped' ? '' : ` (from ${manifest.name})`;

/** Why a plugin cannot be used now, with what to do about it; `null` when it can. One that has failed is tried again when it is used. */
export function pluginReason({ manifest, state, failure }: PluginStatus): string | null {
  const { name } = manifest;
  if (state === 'untrusted') return `${name} is not trusted: \`holdfast plugin trust ${name}\``;
  if (state === 'invalid') return `${name} is not valid: ${failure ?? 'see `holdfast plugin show`'}`;
  return null;
}

/** The same for what an endpoint or target uses. */
export function unusable(
  host: PluginHost,
  kind: 'hypervisors' | 'targets',
  use: string,
  state: PluginState | 'missing',
): string | null {
  if (state === 'missing') return `no plugin contributes ${use}: add it with \`holdfast plugin add\``;
  const plugin = host
    .plugins()
    .find(({ manifest: { contributes } }) => (contributes[kind] ?? []).some(({ id }) => id === use));
  return plugin === undefined ? null : pluginReason(plugin);
}
