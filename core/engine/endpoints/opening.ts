import type { Call } from '@holdfast/api';
import { HoldfastError } from '@holdfast/api';
import type { Instance, Secrets } from '../../config/contract.ts';
import type { HostOpening } from '../../host/contract.ts';

/** How a configured endpoint or target is opened: its settings, and a way to the secrets that they refer to. */
export function openingOf(name: string, instance: Instance, secrets: Secrets, call: Call): HostOpening {
  const { use, ...settings } = instance;
  return {
    name,
    use,
    settings,
    secret: async (setting) => {
      const reference = settings[setting];
      if (typeof reference !== 'string')
        throw new HoldfastError('SECRET_UNAVAILABLE', `setting ${setting} of ${name} refers to no secret`);
      return secrets.resolve(reference, call.signal);
    },
  };
}
