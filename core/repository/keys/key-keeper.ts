import { type Call, HoldfastError, type ObjectStore } from '@holdfast/api';
import type { KeyInfo, NewPassphrase, Unlock } from '../contract.ts';
import type { KeyRotation } from '../copy/contract.ts';
import { type KeyObject, keyName, parseKey } from './key-object.ts';
import { MOST_ADDED, readKeys } from './key-ring.ts';
import type { LiveKeys } from './live-keys.ts';
import type { MadeKey } from './make-keys.ts';
import type { PassphraseCost } from './passphrase.ts';

/** Lists, adds and removes the keys of an open repository. */
export class KeyKeeper {
  readonly #store: ObjectStore;
  readonly #repository: string;
  readonly #live: LiveKeys;
  readonly #cost: PassphraseCost;
  readonly #now: () => number;

  constructor(
    store: ObjectStore,
    repository: string,
    live: LiveKeys,
    how: { readonly cost: PassphraseCost; readonly now: () => number },
  ) {
    this.#store = store;
    this.#repository = repository;
    this.#live = live;
    this.#cost = how.cost;
    this.#now = how.now;
  }

  /** Keys that are whole, oldest first; damaged ones are named in the log. */
  async list(call: Call): Promise<readonly KeyInfo[]> {
    const { keys, bad } = await readKeys(this.#store, this.#repository, call);
    for (const { object, failure } of bad) call.log('warn', `key ${object} cannot be used: ${failure.message}`);
    return keys.map((key) => key.info);
  }

  async addPassphrase(secret: NewPassphrase, label: string, call: Call): Promise<KeyInfo> {
    const { makePassphraseKey } = await import('./make-keys.ts');
    const make = () => makePassphraseKey(secret, this.#cost, this.#live, this.#note(label));
    return (await this.#put(make, call)).info;
  }

  async addRecovery(label: string, call: Call): Promise<{ readonly key: KeyInfo; readonly words: string }> {
    const { makeRecoveryKey } = await import('./make-keys.ts');
    const make = async () => makeRecoveryKey(this.#live, this.#note(label));
    const { info, made } = await this.#put(make, call);
    return { key: info, words: made.words };
  }

  /** Throws `KEY_NOT_FOUND`, and `KEY_LAST` when no other whole key would be left that holds the newest generation. */
  async remove(id: string, call: Call): Promise<void> {
    const { keys, bad, foreign } = await readKeys(this.#store, this.#repository, call);
    const useless = [...bad.map(({ object }) => object), ...foreign.map(({ info }) => keyName(info.id))];
    if (!useless.includes(keyName(id))) {
      if (!keys.some(({ info }) => info.id === id)) {
        throw new HoldfastError('KEY_NOT_FOUND', `the repository has no key ${id}`);
      }
      if (keys.length === 1) throw new HoldfastError('KEY_LAST', `key ${id} is the last one that opens the repository`);
    }
    await this.#refuseNewest(keys, id, call);
    await this.#store.remove(keyName(id), call);
    await this.#tellNamesakes(keys, id, call);
  }

  /** A rotation, broken off or under way, has two keys of one secret: who takes one of them away believes that the secret opens nothing any more. */
  async #tellNamesakes(before: readonly KeyObject[], id: string, call: Call): Promise<void> {
    const removed = before.find(({ info }) => info.id === id)?.info;
    if (removed === undefined) return;
    const { keys } = await readKeys(this.#store, this.#repository, call);
    for (const { info } of keys) {
      if (info.label !== removed.label || info.kind !== removed.kind) continue;
      call.log(
        'warn',
        `another key called “${info.label}” is left, ${info.id}: if it was made by a rotation of the keys, it opens with the same secret`,
      );
    }
  }

  /** A rotation that was broken off may have left older keys behind: they must not be all that is left. */
  async #refuseNewest(keys: readonly KeyObject[], id: string, call: Call): Promise<void> {
    await this.#live.learn(call);
    const { current } = this.#live.secrets;
    const holders = keys.filter(({ info }) => info.generation >= current);
    if (holders.length !== 1 || holders[0]?.info.id !== id) return;
    throw new HoldfastError(
      'KEY_LAST',
      `key ${id} is the last one that opens what was written since the keys were rotated`,
      {
        remedy: 'rotate the keys once more, or remove an older key instead',
      },
    );
  }

  /** Throws `REPOSITORY_DAMAGED` when objects may have been written that these keys do not open: who decides about them must see them. */
  async assertComplete(call: Call): Promise<void> {
    await this.#live.learn(call);
    this.#live.assertComplete();
  }

  /** New master keys from now on. Every key must be opened by one of the secrets. */
  async rotate(secrets: readonly Unlock[], call: Call): Promise<KeyRotation> {
    const parts = {
      store: this.#store,
      repositoryId: this.#repository,
      live: this.#live,
      cost: this.#cost,
      now: this.#now,
    };
    const { rotateKeys } = await import('./rotate.ts');
    return await rotateKeys(parts, secrets, call);
  }

  #note(label: string): { repository: string; label: string; createdAt: number } {
    return { repository: this.#repository, label, createdAt: this.#now() };
  }

  /** Whoever rotates the keys meanwhile cannot know of this one: so after putting it this looks whether anybody did. */
  async #put<T extends MadeKey>(
    make: () => Promise<T>,
    call: Call,
  ): Promise<{ readonly info: KeyInfo; readonly made: T }> {
    await this.#live.learn(call);
    this.#live.assertComplete();
    const { keys, bad, foreign } = await readKeys(this.#store, this.#repository, call);
    if (keys.length + bad.length + foreign.length >= MOST_ADDED) {
      throw new HoldfastError(
        'KEY_TOO_MANY',
        `the repository has ${keys.length} keys already, and no more can be added`,
      );
    }
    for (;;) {
      const { timesLearned } = this.#live;
      const made = await make();
      await this.#store.put(keyName(made.id), made.bytes, { ifAbsent: true }, call);
      await this.#live.learn(call);
      // Not only by this very question: something else that goes on here may have asked it since the key was made.
      if (this.#live.timesLearned === timesLearned) return { info: parseKey(made.id, made.bytes).info, made };
      await this.#store.remove(keyName(made.id), call);
      this.#live.assertComplete();
    }
  }
}
