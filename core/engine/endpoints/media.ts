import type { Call, MediaLibrary } from '@holdfast/api';
import { HoldfastError } from '@holdfast/api';
import type { LoadedConfig, Secrets } from '../../config/contract.ts';
import type { PluginHost } from '../../host/contract.ts';
import { openingOf } from './opening.ts';

/** Opens the library of a target of removable media. Throws `TARGET_NOT_FOUND`, `UNSUPPORTED` for a target of another shape. */
export async function openMedia(
  parts: { readonly config: LoadedConfig; readonly host: PluginHost; readonly secrets: Secrets },
  target: string,
  call: Call,
): Promise<MediaLibrary> {
  const { targets } = parts.config.config;
  const instance = Object.hasOwn(targets, target) ? targets[target] : undefined;
  if (instance === undefined) throw new HoldfastError('TARGET_NOT_FOUND', `no target is called ${target}`);
  const contributed = parts.host.targets().find(({ contribution }) => contribution.id === instance.use);
  if (contributed !== undefined && contributed.contribution.shape !== 'media-library')
    throw new HoldfastError('UNSUPPORTED', `target ${target} has no removable media`);
  return parts.host.openMediaLibrary(openingOf(target, instance, parts.secrets, call), call);
}
