import { type Call, HoldfastError, type ObjectStore } from '@holdfast/api';
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

/** Sealed documents in the store: puts them, fetches them, keeps copies of those that never change. */
export class Documents {
  readonly store: ObjectStore;
  readonly #keys: DocumentKeys;
  readonly #cache: DocumentCache;

  constructor(store: ObjectStore, keys: DocumentKeys, cache: DocumentCache) {
    this.store = store;
    this.#keys = keys;
    this.#cache = cache;
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

  /** From the store, whatever is cached. Throws `OBJECT_NOT_FOUND`, `REPOSITORY_DAMAGED`. */
  async fetch(name: string, call: Call): Promise<OpenedDocument> {
    return this.open(name, await readObject(this.store, name, MAX_DOCUMENT_BYTES, call));
  }

  /**
   * From the cache when the copy there is whole, else from the store.
   * @param sha256 The copy must have this hash when it is given, else `REPOSITORY_DAMAGED` is thrown.
   */
  async get(name: string, call: Call, sha256?: string): Promise<OpenedDocument> {
    const cached = await this.#cache.get(name);
    if (cached !== null) {
      try {
        const opened = this.open(name, cached);
        if (sha256 === undefined || opened.sha256 === sha256) return opened;
      } catch {
        // Damaged on this machine; the store has the original.
      }
      await this.#cache.drop(name);
    }
    const sealed = await readObject(this.store, name, MAX_DOCUMENT_BYTES, call);
    const opened = this.open(name, sealed);
    if (sha256 !== undefined && opened.sha256 !== sha256) {
      throw new HoldfastError('REPOSITORY_DAMAGED', `${name} is not the object that was committed`, {
        facts: { object: name },
      });
    }
    await this.#cache.put(name, sealed);
    return opened;
  }

  /** Drops cached copies of objects that are not among the names. */
  async forgetCachedExcept(names: ReadonlySet<string>): Promise<void> {
    await this.#cache.keepOnly(names);
  }
}
