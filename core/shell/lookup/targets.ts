import { HoldfastError } from '@holdfast/api';
import { findInstance } from '../../config/instance.ts';
import type { Site } from '../contract.ts';

/**
 * The target that is meant: the one named, else the only one there is.
 * @throws `NOT_INITIALISED` when there is none, `ANSWER_MISSING` when there are several and none is named.
 */
export async function chooseTarget(site: Site, named: string | null, flag: string): Promise<string> {
  const loaded = await site.config();
  const known = Object.keys(loaded.config.targets);
  if (named !== null) {
    findInstance(loaded, 'targets', named);
    return named;
  }
  const [only, second] = known;
  if (only === undefined) throw new HoldfastError('NOT_INITIALISED', 'no target is set up yet');
  if (second === undefined) return only;
  if (site.ask !== null) {
    const answer = await site.ask.text(`Which target (${known.join(', ')})`, { fallback: only });
    findInstance(loaded, 'targets', answer);
    return answer;
  }
  throw new HoldfastError('ANSWER_MISSING', `there are ${known.length} targets: ${known.join(', ')}`, {
    remedy: `name one: \`${flag} ${only}\``,
    facts: { targets: known.join(', ') },
  });
}

/** The targets to look at: the one named, else all. Throws `TARGET_NOT_FOUND`, and `NOT_INITIALISED` when there is none. */
export async function targetsFor(site: Site, named: string | null): Promise<readonly string[]> {
  const loaded = await site.config();
  if (named !== null) findInstance(loaded, 'targets', named);
  const known = named === null ? Object.keys(loaded.config.targets) : [named];
  if (known.length === 0) throw new HoldfastError('NOT_INITIALISED', 'no target is set up yet');
  return known;
}
