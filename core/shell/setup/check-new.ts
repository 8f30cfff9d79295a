import { HoldfastError } from '@holdfast/api';
import { instanceProblems } from '../../config/check-instance.ts';
import type { Instance } from '../../config/contract.ts';
import type { PluginHost } from '../../host/contract.ts';
import type { Site } from '../contract.ts';

/** @throws `PLUGIN_UNTRUSTED` before anything is asked or made for a plugin that may not run. */
export function refuseUntrusted(host: PluginHost, plugin: string, what: string): void {
  const status = host.plugins().find(({ manifest }) => manifest.name === plugin);
  if (status?.state !== 'untrusted') return;
  throw new HoldfastError('PLUGIN_UNTRUSTED', `${what} cannot be added: ${plugin} is not trusted`, {
    remedy: `read what it asks for with \`holdfast plugin show ${plugin}\`, then \`holdfast plugin trust ${plugin}\``,
    facts: { plugin },
  });
}

/**
 * Checks the settings of an endpoint or target that is about to be added.
 * @param flags The flag that each setting was given by; others were asked for.
 * @throws `USAGE` naming the flag and what the setting is.
 */
export async function checkNew(
  site: Site,
  kind: 'endpoint' | 'target' | 'notifier',
  name: string,
  instance: Instance,
  flags: ReadonlyMap<string, string>,
): Promise<void> {
  const { known } = await site.configOptions();
  const [first] = instanceProblems(`${kind}s`, name, instance, known);
  if (first === undefined) return;
  const { setting, message, description } = first;
  throw new HoldfastError('USAGE', `${flags.get(setting) ?? `the setting ${setting}`}: ${message}`, {
    remedy: description === null ? `correct ${setting}` : `${setting} is: ${description}`,
    facts: { setting },
  });
}
