import { type Call, makeCall } from '../../call.ts';
import { isHoldfastError } from '../../errors.ts';
import type { ByteRange, ObjectInfo, ObjectStore, PutOptions } from '../../target.ts';
import { joined } from '../bytes.ts';
import { collect } from '../expect.ts';

/** A store as the checks use it: every name below one prefix of their own. */
export class ProbeStore {
  /** The store, as it was opened last. */
  store: ObjectStore;
  readonly call: Call = makeCall({ who: 'conformance' });
  readonly #prefix: string;

  constructor(store: ObjectStore, prefix: string) {
    this.store = store;
    this.#prefix = prefix;
  }

  name(suffix: string): string {
    return `${this.#prefix}/${suffix}`;
  }

  put(suffix: string, body: Uint8Array, how: PutOptions = {}, call = this.call): Promise<unknown> {
    return this.store.put(this.name(suffix), body, how, call);
  }

  async get(suffix: string, range: ByteRange | null = null, call = this.call): Promise<Uint8Array> {
    return joined(await collect(this.store.get(this.name(suffix), range, call)));
  }

  /** Names without the prefix, in order. */
  async list(suffix = ''): Promise<readonly string[]> {
    const found = await this.infos(suffix);
    return found.map(({ name }) => name.slice(this.#prefix.length + 1)).toSorted((a, b) => (a < b ? -1 : 1));
  }

  infos(suffix = ''): Promise<readonly ObjectInfo[]> {
    return collect(this.store.list(this.name(suffix), this.call));
  }

  remove(suffix: string, call = this.call): Promise<void> {
    return this.store.remove(this.name(suffix), call);
  }

  /** Removes all that is below the prefix, but for what is locked. */
  async clear(): Promise<void> {
    const names = await this.list();
    for (let at = 0; at < names.length; at += 32) {
      await Promise.all(names.slice(at, at + 32).map((name) => this.#removeUnlessLocked(name)));
    }
  }

  async #removeUnlessLocked(name: string): Promise<void> {
    try {
      await this.remove(name);
    } catch (thrown) {
      if (!isHoldfastError(thrown, 'OBJECT_LOCKED')) throw thrown;
    }
  }
}
