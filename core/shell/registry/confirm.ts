import { HoldfastError } from '@holdfast/api';
import type { Site } from '../contract.ts';
import { type Arguments, isSet } from './argument-values.ts';

/**
 * Lets a change go on only when somebody agreed: by `--yes`, or at the terminal to a sentence that names what will happen.
 * @param consequence What will be different afterwards, for example `forgets 3 restore points of web-07; they cannot be restored any more`.
 * @throws `CONFIRMATION_MISSING` when there is nobody to ask, `CANCELLED` when the answer is no.
 */
export async function confirmChange(site: Site, args: Arguments, consequence: string): Promise<void> {
  if (isSet(args, 'yes')) return;
  if (site.ask === null) {
    throw new HoldfastError('CONFIRMATION_MISSING', `nobody is here to agree: this ${consequence}`, {
      remedy: 'add `--yes` if that is what you want, or `--dry-run` to see it first',
    });
  }
  if (await site.ask.confirm(`This ${consequence}. Go on?`)) return;
  throw new HoldfastError('CANCELLED', 'you answered no: nothing was changed', {
    remedy: 'run it again when you want it done',
  });
}
