import { type Call, HoldfastError, isHoldfastError, type ObjectStore } from '@holdfast/api';
import { sha256Hex } from '../format/repository-format.ts';
import type { DocumentCache } from './document-cache.ts';
import { readObject } from './read-object.ts';
import { type DocumentKeys, MAX_DOCUMENT_BYTES, openDocument, sealDocument } from './sealed-document.ts';

/** A document that has been opened. */
export interface OpenedDocument {
  readonly name: string;
  readonly value: unknown;
  /** Of the sealed bytes, 64 hexadecimal digits. */
  readonly sha256: string;
}

/** A sealed document that is ready to be put. */
export interface SealedDocument {
  readonly name: string;
  readonly sealed: Uint8Array;
  readonly sha256: string;
}

/** Reads the keys once more, if there are any that are not known. */
export type Learn = (call: Call) => Promise<unknown>;

/** Sealed documents in the store: puts them, fetches them, keeps copies of those that never change. */
export class Documents {
  readonly store: ObjectStore;
  readonly #keys: DocumentKeys;
  readonly #cache: DocumentCache;
  readonly #learn: Learn;

  /** @param learn Called when a document names keys that are not held: another process may have rotated them. */
  constructor(store: ObjectStore, keys: DocumentKeys, cache: DocumentCache, learn: Learn = async () => {}) {
    this.store = store;
    this.#keys = keys;
    this.#cache = cache;
    this.#learn = learn;
  }

  seal(name: string, value: unknown): SealedDocument {
    const sealed = sealDocument(name, value, this.#keys);
    return { name, sealed, sha256: sha256Hex(sealed) };
  }

  /** Puts a document that is not there yet. Throws `OBJECT_EXISTS`. */
  async put(document: SealedDocument, call: Call): Promise<void> {
    await this.store.put(document.name, document.sealed, { ifAbsent: true }, call);
  }

  open(name: string, sealed: Uint8Array): OpenedDocument {
    return { name, value: openDocument(name, sealed, this.#keys), sha256: sha256Hex(sealed) };
  }

  /**
   * From the store, whatever is cached. Throws `OBJECT_NOT_FOUND`, `REPOSITORY_DAMAGED`.
   * @param sha256 The object must have this hash when it is given.
   */
  async fetch(name: string, call: Call, sha256?: string): Promise<OpenedDocument> {
    return this.#checked(await this.#openOrLearn(name, await this.#read(name, call), call), sha256);
  }

  /** As `fetch`, but a copy on this machine that is whole and has the hash will do; else the store's is kept for the next time. */
  async get(name: string, call: Call, sha256: string): Promise<OpenedDocument> {
    const cached = this.#openCopy(name, await this.#cache.get(name));
    if (cached?.sha256 === sha256) return cached;
    const sealed = await this.#read(name, call);
    const opened = this.#checked(await this.#openOrLearn(name, sealed, call), sha256);
    await this.#cache.put(name, sealed);
    return opened;
  }

  /** Something of our own that is kept on this machine only, sealed like all else; `null` when it is not there or not whole. */
  async recall(name: string): Promise<unknown> {
    return this.#openCopy(name, await this.#cache.get(name))?.value ?? null;
  }

  /** Keeps something for `recall`. What cannot be kept is no failure. */
  async keep(name: string, value: unknown): Promise<void> {
    await this.#cache.put(name, this.seal(name, value).sealed);
  }

  /** Drops cached copies of objects that are not among the names. */
  async forgetCachedExcept(names: ReadonlySet<string>): Promise<void> {
    await this.#cache.keepOnly(names);
  }

  async #openOrLearn(name: string, sealed: Uint8Array, call: Call): Promise<OpenedDocument> {
    try {
      return this.open(name, sealed);
    } catch (failure) {
      const isStrange = isHoldfastError(failure, 'REPOSITORY_DAMAGED') && failure.facts.generation !== undefined;
      if (!isStrange) throw failure;
      // Whether or not this very question taught anything: somebody else may have asked it a moment before.
      await this.#learn(call);
      return this.open(name, sealed);
    }
  }

  /** A copy from this machine; `null` when it is damaged: the store has the original. */
  #openCopy(name: string, sealed: Uint8Array | null): OpenedDocument | null {
    if (sealed === null) return null;
    try {
      return this.open(name, sealed);
    } catch {
      return null;
    }
  }

  #read(name: string, call: Call): Promise<Uint8Array> {
    return readObject(this.store, name, MAX_DOCUMENT_BYTES, call);
  }

  #checked(document: OpenedDocument, sha256: string | undefined): OpenedDocument {
    if (sha256 === undefined || document.sha256 === sha256) return document;
    throw new HoldfastError('REPOSITORY_DAMAGED', `${document.name} is not the object that was committed`, {
      facts: { object: document.name },
    });
  }
}
