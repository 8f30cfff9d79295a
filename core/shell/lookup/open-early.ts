import type { Call } from '@holdfast/api';
import type { Site } from '../contract.ts';

/**
 * Opens the repository of a target whose data will be moved soon, while something else is done: a passphrase takes a quarter of a second to prove,
 * threads take a tenth to start. Nobody is asked anything for it. Never fails: why it cannot be opened is told to who asks for it next.
 * @returns Once it is open, or cannot be; to be waited for before the site is closed.
 */
export async function openEarly(site: Site, target: string, call: Call): Promise<void> {
  try {
    const { config } = await site.config();
    if (config.targets[target]?.passphrase === undefined) return;
    const repository = await site.repository(target, call);
    repository.warm();
  } catch {
    // See above.
  }
}
