import type {
  ByteRange,
  Call,
  ObjectInfo,
  ObjectLocation,
  ObjectStore,
  PutOptions,
  PutResult,
  StoreFacts,
} from '@holdfast/api';

/** Requests by operation and by the folder of what they are about: `put packs`, say. */
export type Counted = Readonly<Record<string, number>>;

/** Names that a cloud answers to one request for a listing. */
const PAGE = 1000;

/** Counts what a cloud would be asked for and would charge for; else it is the store that it is put before. */
export class CountingStore implements ObjectStore {
  readonly #store: ObjectStore;
  #counts = new Map<string, number>();
  #putBytes = 0;
  #largestPack = 0;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  /** What was asked for since this was last called. */
  take(): { readonly requests: Counted; readonly putBytes: number; readonly largestPackBytes: number } {
    const requests = Object.fromEntries(this.#counts);
    const taken = { requests, putBytes: this.#putBytes, largestPackBytes: this.#largestPack };
    this.#largestPack = 0;
    this.#counts = new Map();
    this.#putBytes = 0;
    return taken;
  }

  put(name: string, body: Uint8Array, how: PutOptions, call: Call): Promise<PutResult> {
    this.#count('put', name);
    this.#putBytes += body.length;
    if (name.startsWith('packs/')) this.#largestPack = Math.max(this.#largestPack, body.length);
    return this.#store.put(name, body, how, call);
  }

  get(name: string, range: ByteRange | null, call: Call): AsyncIterable<Uint8Array> {
    this.#count('get', name);
    return this.#store.get(name, range, call);
  }

  async *list(prefix: string, call: Call): AsyncGenerator<ObjectInfo> {
    this.#count('list', prefix);
    let seen = 0;
    for await (const object of this.#store.list(prefix, call)) {
      if (seen > 0 && seen % PAGE === 0) this.#count('list', prefix);
      seen++;
      yield object;
    }
  }

  remove(name: string, call: Call): Promise<void> {
    this.#count('remove', name);
    return this.#store.remove(name, call);
  }

  probe(call: Call): Promise<StoreFacts> {
    return this.#store.probe(call);
  }

  /** A cloud has no files: whatever is read is fetched. */
  async locate(): Promise<ObjectLocation | null> {
    return null;
  }

  close(call: Call): Promise<void> {
    return this.#store.close(call);
  }

  #count(operation: string, name: string): void {
    const end = name.indexOf('/');
    const what = `${operation} ${end < 0 ? name : name.slice(0, end)}`.trimEnd();
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1);
  }
}

/** All requests of one operation. */
export const requestsOf = (counted: Counted, operation: string): number =>
  Object.entries(counted)
    .filter(([what]) => what.startsWith(`${operation} `) || what === operation)
    .reduce((sum, [, times]) => sum + times, 0);
