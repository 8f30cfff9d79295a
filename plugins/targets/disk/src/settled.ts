import type { Stats } from 'node:fs';
import type { Claims } from './claims.ts';
import { syncFolder } from './durable.ts';

/** An object that was found, with what the system says of its file. */
export interface Found {
  /** Name of the object. */
  readonly name: string;
  readonly stats: Pick<Stats, 'nlink' | 'ino'>;
}

/** Names of which it is remembered that they were synced here; more than that are asked for anew. */
const mostKnown = 100_000;

/**
 * Keeps the promise that an object which anybody sees survives a power cut. A name can be seen a moment before its folder is synced. For so long the
 * file keeps its temporary name as well, so it has two links, or where there are no links its writer holds a claim on the name. Whoever meets such an
 * object syncs the folder before relying on it. All others cost nothing: their link count has been read anyway.
 */
export class Settled {
  readonly #claims: Claims;
  readonly #known = new Map<string, number>();

  constructor(claims: Claims) {
    this.#claims = claims;
  }

  /** Sees to it that objects of one folder which were met are durable. Called after they were met, never before. */
  async settle(folder: string, found: readonly Found[]): Promise<void> {
    const open = await this.#unsettled(found);
    if (open.length === 0) return;
    await syncFolder(folder);
    if (this.#known.size + open.length > mostKnown) this.#known.clear();
    // Somebody who keeps a second copy by hard links has two links on everything, for ever: that is paid once in each process.
    for (const { name, stats } of open.slice(0, mostKnown)) this.#known.set(name, stats.ino);
  }

  async #unsettled(found: readonly Found[]): Promise<readonly Found[]> {
    const [only, second] = found;
    if (only === undefined) return [];
    const isClaimed = second === undefined ? await this.#claims.isTaken(only.name) : await this.#claims.areAnyTaken();
    return found.filter(({ name, stats }) => (isClaimed || stats.nlink > 1) && this.#known.get(name) !== stats.ino);
  }
}
