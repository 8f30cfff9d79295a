import { HoldfastError, isHoldfastError } from '@holdfast/api';
import type { Instance, LoadedConfig, SecretReference } from './contract.ts';
import type { InstanceSection } from './merge.ts';
import { nearest } from './nearest.ts';
import { notifierSettings } from './schema/core-schema.ts';
import { visible } from './visible.ts';

/** Settings that core reads; a plugin does not see them. */
const coreSettings: Readonly<Record<InstanceSection, ReadonlySet<string>>> = {
  endpoints: new Set(['use', 'passphrase']),
  targets: new Set(['use', 'passphrase', 'collect', 'dedupe']),
  notifiers: new Set(['use', ...Object.keys(notifierSettings)]),
};

/** How one of each section is called, and what is thrown where there is none of a name. */
const words = {
  endpoints: ['endpoint', 'ENDPOINT_NOT_FOUND'],
  targets: ['target', 'TARGET_NOT_FOUND'],
  notifiers: ['notifier', 'NOTIFIER_NOT_FOUND'],
} as const;

/**
 * A configured endpoint, target or notifier.
 * @throws `ENDPOINT_NOT_FOUND`, `TARGET_NOT_FOUND` or `NOTIFIER_NOT_FOUND` with the nearest name; `CONFIG_UNTRUSTED` when it may stand in a file
 *   that is not in effect.
 */
export function findInstance(loaded: LoadedConfig, section: InstanceSection, name: string): Instance {
  const instances = loaded.config[section] ?? {};
  const found = Object.hasOwn(instances, name) ? instances[name] : undefined;
  if (found !== undefined) return found;
  const [what, code] = words[section];
  const hidden = loaded.untrusted.filter((file) => !loaded.files.includes(file));
  const [file] = hidden;
  if (file !== undefined) {
    throw new HoldfastError(
      'CONFIG_UNTRUSTED',
      `no ${what} is called ${visible(name)}, unless in ${visible(file, 300)}, which is not in effect`,
      { remedy: `read that file, then \`holdfast config trust ${visible(file, 300)}\``, facts: { name, file } },
    );
  }
  const near = nearest(name, Object.keys(instances));
  const hint = near === undefined ? '' : `; the nearest name is ${near}`;
  throw new HoldfastError(code, `no ${what} is called ${visible(name)}${hint}`, {
    facts: { name, nearest: near ?? null },
  });
}

/**
 * Waits until an endpoint, target or notifier is open; where its plugin is missing or not trusted, the error says whose plugin that is.
 * @throws what opening throws.
 */
export async function openedFor<T>(
  section: InstanceSection,
  name: string,
  use: string,
  opening: Promise<T>,
): Promise<T> {
  try {
    return await opening;
  } catch (error) {
    if (!isHoldfastError(error) || !(error.code === 'PLUGIN_NOT_FOUND' || error.code === 'PLUGIN_UNTRUSTED'))
      throw error;
    const isMissing = error.code === 'PLUGIN_NOT_FOUND';
    const [what] = words[section];
    const again = `add the plugin that has ${visible(use)} again, or \`holdfast ${what} remove ${name}\``;
    throw new HoldfastError(error.code, `${what} ${name} cannot be used: ${error.message}`, {
      ...(isMissing ? { remedy: again } : error.remedy === undefined ? {} : { remedy: error.remedy }),
      facts: { ...error.facts, name, use },
      cause: error,
    });
  }
}

/** The settings of an instance that are its plugin's. */
export function pluginSettings(
  instance: Instance,
  section: InstanceSection = 'targets',
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(instance).filter(([setting]) => !coreSettings[section].has(setting)));
}

/**
 * The reference in a setting that takes a secret.
 * @throws `SECRET_UNAVAILABLE` when the setting is missing or no text.
 */
export function secretReference(
  section: InstanceSection,
  name: string,
  instance: Instance,
  setting: string,
): SecretReference {
  const reference = Object.hasOwn(instance, setting) ? instance[setting] : undefined;
  if (typeof reference === 'string') return reference;
  throw new HoldfastError('SECRET_UNAVAILABLE', `the setting ${section}.${name}.${visible(setting)} is missing`, {
    remedy: 'set it to a reference like env:NAME, file:/path or sealed:name',
    facts: { section, name, setting },
  });
}
