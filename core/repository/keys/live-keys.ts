import { type Call, HoldfastError, isHoldfastError, type ObjectStore } from '@holdfast/api';
import type { RepositorySecrets } from '../suite.ts';
import { currentOf, isReady, listGenerations } from './generations.ts';
import type { KeyPayload } from './key-payload.ts';

/** Why keys do not open that could be read. */
const CLOSED = ['PASSPHRASE_WRONG', 'RECOVERY_WORDS_WRONG', 'REPOSITORY_DAMAGED'] as const;

/** Opens the keys once more, until these generations are held or there is no other key to open. */
export type OpenKeys = (wanted: readonly number[], call: Call) => Promise<KeyPayload>;

/** The secrets of an open repository. Another process may rotate the keys meanwhile: then they are learned anew. */
export class LiveKeys {
  /** One object for as long as the repository is open: everybody who holds it sees what was learned. Worker threads have copies. */
  readonly secrets: RepositorySecrets;
  readonly formatSha256: string;
  readonly #own: { family: Uint8Array; generations: Record<number, Uint8Array>; current: number };
  readonly #store: ObjectStore;
  readonly #repositoryId: string;
  readonly #open: OpenKeys;
  readonly #ready = new Set<number>();
  /** Generations that have been looked at, so that what cannot be learned is not tried for again and again. */
  readonly #known = new Set<number>();
  readonly #listeners: ((secrets: RepositorySecrets) => void)[] = [];
  #timesLearned = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(payload: KeyPayload, store: ObjectStore, repositoryId: string, open: OpenKeys) {
    const { family, generations } = payload.secrets;
    this.#own = { family, generations: { ...generations }, current: currentOf(generations, new Set()) };
    this.secrets = this.#own;
    this.formatSha256 = payload.formatSha256;
    this.#store = store;
    this.#repositoryId = repositoryId;
    this.#open = open;
  }

  /** Grows whenever anything was learned, whoever asked for it. */
  get timesLearned(): number {
    return this.#timesLearned;
  }

  /** Is told whenever something was learned. */
  onLearned(listener: (secrets: RepositorySecrets) => void): void {
    this.#listeners.push(listener);
  }

  /** Looks for generations that came since this was last asked, by anybody. */
  learn(call: Call): Promise<void> {
    return this.#alone(() => this.#learn(call));
  }

  /** Takes over generations that were just made, and those among them that are ready. */
  adopt(generations: RepositorySecrets['generations'], ready: number): Promise<void> {
    return this.#alone(async () => {
      Object.assign(this.#own.generations, generations);
      this.#ready.add(ready);
      this.#known.add(ready);
      this.#tell();
    });
  }

  /** Throws `REPOSITORY_DAMAGED` when objects may have been written that these keys do not open: nothing must be decided without them. */
  assertComplete(): void {
    const missing = [...this.#known].find((number) => this.secrets.generations[number] === undefined);
    if (missing === undefined) return;
    throw new HoldfastError(
      'REPOSITORY_DAMAGED',
      `the key that the repository was opened with does not hold key generation ${missing}`,
      { remedy: 'open it with another passphrase or the recovery words', facts: { generation: missing } },
    );
  }

  async #learn(call: Call): Promise<void> {
    const { ready } = await listGenerations(this.#store, call);
    const fresh = ready.filter((number) => !this.#known.has(number));
    if (fresh.length === 0) return;
    if (fresh.some((number) => this.secrets.generations[number] === undefined)) await this.#openAgain(fresh, call);
    const keys = { repositoryId: this.#repositoryId, secrets: this.secrets };
    for (const number of fresh) {
      if (this.secrets.generations[number] === undefined) {
        call.log(
          'warn',
          `the key that was used does not hold key generation ${number}: what was written with it cannot be read`,
        );
      } else if (await isReady(this.#store, number, keys, call)) this.#ready.add(number);
      this.#known.add(number);
    }
    this.#tell();
  }

  async #openAgain(wanted: readonly number[], call: Call): Promise<void> {
    try {
      Object.assign(this.#own.generations, (await this.#open(wanted, call)).secrets.generations);
    } catch (failure) {
      // A store that does not answer says nothing of what the key holds: who asks next looks again.
      if (!CLOSED.some((code) => isHoldfastError(failure, code))) throw failure;
      call.log('warn', `the keys could not be read again: ${failure instanceof Error ? failure.message : failure}`);
    }
  }

  #tell(): void {
    this.#timesLearned += 1;
    this.#own.current = currentOf(this.#own.generations, this.#ready);
    for (const listener of this.#listeners) listener(this.secrets);
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work);
    this.#last = mine.catch(() => {});
    return mine;
  }
}
