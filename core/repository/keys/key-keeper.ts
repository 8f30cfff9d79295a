import { type Call, HoldfastError, type ObjectStore } from '@holdfast/api';
import type { KeyInfo } from '../contract.ts';
import { keyName, parseKey } from './key-object.ts';
import type { KeyPayload } from './key-payload.ts';
import { readKeys } from './key-ring.ts';
import { type MadeKey, makePassphraseKey, makeRecoveryKey } from './make-keys.ts';
import type { PassphraseCost } from './passphrase.ts';

/** Lists, adds and removes the keys of an open repository. */
export class KeyKeeper {
  readonly #store: ObjectStore;
  readonly #repository: string;
  readonly #payload: KeyPayload;
  readonly #cost: PassphraseCost;
  readonly #now: () => number;

  constructor(
    store: ObjectStore,
    repository: string,
    payload: KeyPayload,
    how: { readonly cost: PassphraseCost; readonly now: () => number },
  ) {
    this.#store = store;
    this.#repository = repository;
    this.#payload = payload;
    this.#cost = how.cost;
    this.#now = how.now;
  }

  /** Keys that are whole, oldest first; damaged ones are named in the log. */
  async list(call: Call): Promise<readonly KeyInfo[]> {
    const { keys, bad } = await readKeys(this.#store, this.#repository, call);
    for (const { object, failure } of bad) call.log('warn', `key ${object} cannot be used: ${failure.message}`);
    return keys.map((key) => key.info);
  }

  async addPassphrase(passphrase: string, label: string, call: Call): Promise<KeyInfo> {
    return this.#put(await makePassphraseKey(passphrase, this.#cost, this.#payload, this.#note(label)), call);
  }

  async addRecovery(label: string, call: Call): Promise<{ readonly key: KeyInfo; readonly words: string }> {
    const made = makeRecoveryKey(this.#payload, this.#note(label));
    return { key: await this.#put(made, call), words: made.words };
  }

  /** Throws `KEY_NOT_FOUND`, and `KEY_LAST` when no other whole key would be left. */
  async remove(id: string, call: Call): Promise<void> {
    const { keys, bad, foreign } = await readKeys(this.#store, this.#repository, call);
    const useless = [...bad.map(({ object }) => object), ...foreign.map(({ info }) => keyName(info.id))];
    if (!useless.includes(keyName(id))) {
      if (!keys.some(({ info }) => info.id === id)) {
        throw new HoldfastError('KEY_NOT_FOUND', `the repository has no key ${id}`);
      }
      if (keys.length === 1) throw new HoldfastError('KEY_LAST', `key ${id} is the last one that opens the repository`);
    }
    await this.#store.remove(keyName(id), call);
  }

  #note(label: string): { repository: string; label: string; createdAt: number } {
    return { repository: this.#repository, label, createdAt: this.#now() };
  }

  async #put(made: MadeKey, call: Call): Promise<KeyInfo> {
    await this.#store.put(keyName(made.id), made.bytes, { ifAbsent: true }, call);
    return parseKey(made.id, made.bytes).info;
  }
}
