import { constants } from 'node:fs';
import { lstat, open, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
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
import { HoldfastError, isHoldfastError, throwIfCancelled } from '@holdfast/api';
import { onlyAdding, proveAppendOnly } from './append-only.ts';
import { syncFolder } from './durable.ts';
import { readFailure, systemCode, targetFailure } from './failure.ts';
import type { Folders } from './folders.ts';
import type { Incoming } from './incoming.ts';
import { listObjects } from './listing.ts';
import type { Mark } from './marker.ts';
import { segmentsOf, splitPrefix } from './names.ts';
import { probeStore } from './probe.ts';
import type { Place, Publisher } from './publish.ts';
import { taken } from './publish.ts';
import type { Reserve } from './reserve.ts';
import { smallBytes } from './reserve.ts';
import type { Settled } from './settled.ts';

const pieceBytes = 4 * 1024 * 1024;

/** What a store is put together from; see `openDiskTarget`. */
export interface DiskStoreParts {
  readonly root: string;
  readonly mark: Mark;
  readonly folders: Folders;
  readonly incoming: Incoming;
  readonly publisher: Publisher;
  readonly settled: Settled;
  readonly reserve: Reserve;
  /** Refuses to remove and to replace; see docs/decisions/append-only.md. */
  readonly appendOnly: boolean;
  readonly now: () => number;
}

/** Objects as files in a folder: `packs/ab/x` is the file of that path. */
export class DiskStore implements ObjectStore {
  readonly #root: string;
  readonly #mark: Mark;
  readonly #settled: Settled;
  readonly #folders: Folders;
  readonly #incoming: Incoming;
  readonly #publisher: Publisher;
  readonly #reserve: Reserve;
  readonly #appendOnly: boolean;
  readonly #now: () => number;

  constructor(parts: DiskStoreParts) {
    this.#root = parts.root;
    this.#mark = parts.mark;
    this.#settled = parts.settled;
    this.#folders = parts.folders;
    this.#incoming = parts.incoming;
    this.#publisher = parts.publisher;
    this.#reserve = parts.reserve;
    this.#appendOnly = parts.appendOnly;
    this.#now = parts.now;
  }

  async put(name: string, body: Uint8Array, how: PutOptions, call: Call): Promise<PutResult> {
    const parents = segmentsOf(name).slice(0, -1);
    const doing = `storing ${name}`;
    if (how.lockUntil !== undefined) {
      throw new HoldfastError('LOCK_UNAVAILABLE', `${this.#root} cannot lock ${name}: a folder has no locks`);
    }
    throwIfCancelled(call.signal, doing);
    try {
      await this.#mark.require();
      if (how.ifAbsent === true) await this.#refuseTaken(name);
      await this.#withRoom(body.length, async () => {
        const temporary = await this.#incoming.write(body, () => throwIfCancelled(call.signal, doing));
        try {
          await this.#publish(temporary, name, parents, how.ifAbsent === true);
        } catch (thrown) {
          await this.#incoming.drop(temporary);
          throw thrown;
        }
      });
    } catch (thrown) {
      await this.#refuseUnmounted(thrown);
      throw targetFailure(thrown, doing, this.#root);
    }
    return { sizeBytes: body.length };
  }

  async *get(name: string, range: ByteRange | null, call: Call): AsyncGenerator<Uint8Array> {
    const segments = segmentsOf(name);
    const doing = `reading ${name}`;
    const offset = range?.offset ?? 0;
    const wanted = range?.length ?? Number.MAX_SAFE_INTEGER;
    if (!(Number.isSafeInteger(offset) && Number.isSafeInteger(wanted) && offset >= 0 && wanted >= 0)) {
      throw new RangeError(`${offset}+${wanted} is no range of bytes`);
    }
    throwIfCancelled(call.signal, doing);
    try {
      await this.#folders.find(segments.slice(0, -1));
      const path = join(this.#root, ...segments);
      await using handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      const stats = await handle.stat();
      if (!stats.isFile()) throw missing(name, this.#root);
      await this.#settled.settle(dirname(path), [{ name, stats }]);
      const end = Math.min(stats.size, offset + wanted);
      for (let at = offset; at < end; ) {
        throwIfCancelled(call.signal, doing);
        const piece = new Uint8Array(Math.min(pieceBytes, end - at));
        const { bytesRead } = await handle.read(piece, 0, piece.length, at);
        if (bytesRead === 0) {
          throw new HoldfastError('TARGET_IO', `${name} became shorter while it was read`, {
            facts: { name, offset: at },
          });
        }
        at += bytesRead;
        yield bytesRead === piece.length ? piece : piece.subarray(0, bytesRead);
      }
    } catch (thrown) {
      await this.#refuseUnmounted(thrown);
      if (isAbsent(thrown)) throw missing(name, this.#root, thrown);
      throw readFailure(thrown, doing, this.#root);
    }
  }

  async *list(prefix: string, call: Call): AsyncGenerator<ObjectInfo> {
    const { folders, start } = splitPrefix(prefix);
    const doing = `listing ${prefix === '' ? 'all objects' : prefix}`;
    try {
      await this.#mark.require();
      const folder = await this.#folders.find(folders);
      if (folder !== null) {
        for await (const object of listObjects(folder, folders, start, this.#settled)) {
          throwIfCancelled(call.signal, doing);
          yield object;
        }
      }
      // A disk that went away meanwhile leaves a list that looks whole and is not.
      await this.#mark.require();
    } catch (thrown) {
      throw readFailure(thrown, doing, this.#root);
    }
  }

  async remove(name: string, call: Call): Promise<void> {
    const segments = segmentsOf(name);
    const doing = `removing ${name}`;
    throwIfCancelled(call.signal, doing);
    try {
      const folder = await this.#folders.find(segments.slice(0, -1));
      const path = join(this.#root, ...segments);
      const stats = folder === null ? null : await lstat(path).catch(nullIfAbsent);
      if (folder === null || stats === null || stats.isDirectory()) {
        await this.#mark.require();
        return;
      }
      await this.#mark.require();
      if (this.#appendOnly) throw onlyAdding(this.#root, doing);
      await unlink(path).catch(nullIfAbsent);
      await syncFolder(folder);
    } catch (thrown) {
      throw targetFailure(thrown, doing, this.#root);
    }
  }

  async probe(call: Call): Promise<StoreFacts> {
    const facts = await probeStore(this, this.#root, this.#publisher, call);
    if (!this.#appendOnly) return facts;
    try {
      return { ...facts, items: [...facts.items, ...(await proveAppendOnly(this.#root, this.#now()))] };
    } catch (thrown) {
      throw targetFailure(thrown, 'trying what must be refused', this.#root);
    }
  }

  async locate(name: string, _call: Call): Promise<ObjectLocation | null> {
    const segments = segmentsOf(name);
    try {
      await this.#folders.find(segments.slice(0, -1));
      const path = join(this.#root, ...segments);
      const stats = await lstat(path);
      if (!stats.isFile()) throw missing(name, this.#root);
      await this.#settled.settle(dirname(path), [{ name, stats }]);
      return { kind: 'file', path };
    } catch (thrown) {
      await this.#refuseUnmounted(thrown);
      if (isAbsent(thrown)) throw missing(name, this.#root, thrown);
      throw readFailure(thrown, `locating ${name}`, this.#root);
    }
  }

  async close(_call: Call): Promise<void> {
    this.#folders.forget();
  }

  /** Saves writing a whole body for a name that is taken; the link decides in the end. */
  async #refuseTaken(name: string): Promise<void> {
    const path = join(this.#root, name);
    const stats = await lstat(path).catch(nullIfAbsent);
    if (stats?.isDirectory() === true) {
      throw new HoldfastError('NAME_INVALID', `${name} is a folder of objects and cannot be an object as well`);
    }
    if (stats !== null) throw taken(path);
  }

  async #publish(temporary: string, name: string, parents: readonly string[], ifAbsent: boolean): Promise<void> {
    const attempt = async () => {
      const place = { name, folder: await this.#folders.make(parents) };
      if (ifAbsent) await this.#publisher.ifAbsent(temporary, place);
      else if (this.#appendOnly) await this.#addOnly(temporary, place);
      else await this.#publisher.replace(temporary, place);
    };
    try {
      await attempt();
    } catch (thrown) {
      // Somebody tidied up an empty folder that we had made before: make it once more.
      if (systemCode(thrown) !== 'ENOENT') throw thrown;
      this.#folders.forget();
      await attempt();
    }
  }

  /** A put that would replace is as good as one that would not, as long as there is nothing to replace. */
  async #addOnly(temporary: string, place: Place): Promise<void> {
    try {
      await this.#publisher.ifAbsent(temporary, place);
    } catch (thrown) {
      throw isHoldfastError(thrown, 'OBJECT_EXISTS') ? onlyAdding(this.#root, `replacing ${place.name}`) : thrown;
    }
  }

  /** Stores a small object from the reserve when the disk is full. */
  async #withRoom(bytes: number, store: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        return await store();
      } catch (thrown) {
        const isFull = ['ENOSPC', 'EDQUOT'].includes(systemCode(thrown));
        if (!isFull || bytes > smallBytes || this.#appendOnly || !(await this.#reserve.release(bytes))) throw thrown;
      }
    }
  }

  /** What is missing may be the whole target: say so, rather than that one object is not there. */
  async #refuseUnmounted(thrown: unknown): Promise<void> {
    if (isAbsent(thrown) || isHoldfastError(thrown, 'OBJECT_NOT_FOUND')) await this.#mark.require();
  }
}

function isAbsent(thrown: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(systemCode(thrown));
}

function nullIfAbsent(thrown: unknown): null {
  if (isAbsent(thrown)) return null;
  throw thrown;
}

function missing(name: string, root: string, cause?: unknown): HoldfastError {
  return new HoldfastError('OBJECT_NOT_FOUND', `${name} is not in ${root}`, { facts: { name, path: root }, cause });
}
