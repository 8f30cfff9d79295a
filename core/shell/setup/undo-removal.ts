import type { Plain } from '@holdfast/api';
import type { Instance } from '../../config/contract.ts';

/** The command that takes an action back; a front offers it right after the action. */
export type Undo = { readonly command: string; readonly args: Readonly<Record<string, Plain>> };

/** How an endpoint or target that was taken out of the configuration is put back; `null` when its settings cannot be said on a command line. */
export function undoRemoval(kind: 'endpoint' | 'target' | 'notifier', name: string, instance: Instance): Undo | null {
  const { use, passphrase, ...settings } = instance;
  const entries = Object.entries(settings).filter(([, value]) => value !== undefined && value !== null);
  if (entries.some(([, value]) => typeof value === 'object')) return null;
  return {
    command: `${kind}.add`,
    args: {
      name,
      use,
      set: entries.map(([key, value]) => `${key}=${String(value)}`),
      ...(kind === 'target' && typeof passphrase === 'string' ? { passphrase } : {}),
      yes: true,
    },
  };
}
