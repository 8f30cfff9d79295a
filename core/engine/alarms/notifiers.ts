import type { Call, Notifier } from '@holdfast/api';
import type { Instance } from '../../config/contract.ts';
import { findInstance, openedFor, pluginSettings, secretReference } from '../../config/instance.ts';
import type { EngineDeps } from '../deps.ts';

/**
 * Opens a configured notifier. The host opens each once and closes it.
 * @throws `NOTIFIER_NOT_FOUND`, and what opening it throws.
 */
export async function openNotifier(
  { config, host, secrets }: Pick<EngineDeps, 'config' | 'host' | 'secrets'>,
  name: string,
  call: Call,
): Promise<Notifier> {
  return openNotifierOn({ host, secrets }, name, findInstance(config, 'notifiers', name), call);
}

/** Opens a notifier that need not be configured yet. */
export async function openNotifierOn(
  { host, secrets }: Pick<EngineDeps, 'host' | 'secrets'>,
  name: string,
  instance: Instance,
  call: Call,
): Promise<Notifier> {
  const opening = {
    name,
    use: instance.use,
    settings: pluginSettings(instance, 'notifiers'),
    // A service outlives the call that it was opened in: its secrets are had as long as it lives.
    secret: (setting: string) =>
      secrets.resolve(secretReference('notifiers', name, instance, setting), new AbortController().signal),
  };
  return openedFor('notifiers', name, instance.use, host.openNotifier(opening, call));
}
