import { createHash, randomBytes } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rename, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  type ByteRange,
  type Call,
  HoldfastError,
  type ObjectInfo,
  type ObjectLocation,
  type ObjectStore,
  type PutOptions,
  type PutResult,
  type StoreFacts,
  throwIfCancelled,
} from '@holdfast/api';

const PIECE_BYTES = 1024 * 1024;

const facts: StoreFacts = {
  conditionalPut: true,
  lockUntil: false,
  rangedGet: true,
  consistentList: true,
  freeBytes: null,
  totalBytes: null,
  items: [],
};

const notFound = (name: string): HoldfastError => new HoldfastError('OBJECT_NOT_FOUND', `${name} is not there`);
const exists = (name: string): HoldfastError => new HoldfastError('OBJECT_EXISTS', `${name} is there already`);

/** Objects in memory. What happens before an operation can be set, to make it fail or to look at it. */
export class MemoryStore implements ObjectStore {
  readonly objects = new Map<string, Uint8Array>();
  /** Called before each operation; what it throws the operation throws. */
  before: (operation: 'put' | 'get' | 'list' | 'remove', name: string) => void | Promise<void> = () => {};
  /** Called after each put has taken effect; what it throws the put throws, as a cloud that answers 500 after success. */
  after: (name: string) => void = () => {};

  async put(name: string, body: Uint8Array, how: PutOptions, call: Call): Promise<PutResult> {
    throwIfCancelled(call.signal, `putting ${name}`);
    await this.before('put', name);
    if (how.ifAbsent === true && this.objects.has(name)) throw exists(name);
    this.objects.set(name, Uint8Array.from(body));
    this.after(name);
    return { sizeBytes: body.length };
  }

  async *get(name: string, range: ByteRange | null, call: Call): AsyncGenerator<Uint8Array> {
    throwIfCancelled(call.signal, `getting ${name}`);
    await this.before('get', name);
    const object = this.objects.get(name);
    if (object === undefined) throw notFound(name);
    const start = range?.offset ?? 0;
    const end = Math.min(object.length, range === null ? object.length : range.offset + range.length);
    for (let at = start; at < end; at += PIECE_BYTES) yield object.slice(at, Math.min(end, at + PIECE_BYTES));
  }

  async *list(prefix: string, call: Call): AsyncGenerator<ObjectInfo> {
    throwIfCancelled(call.signal, `listing ${prefix}`);
    await this.before('list', prefix);
    for (const [name, object] of [...this.objects]) {
      if (name.startsWith(prefix)) yield { name, sizeBytes: object.length, modifiedAt: 0 };
    }
  }

  async remove(name: string, call: Call): Promise<void> {
    throwIfCancelled(call.signal, `removing ${name}`);
    await this.before('remove', name);
    this.objects.delete(name);
  }

  async probe(): Promise<StoreFacts> {
    return facts;
  }

  async close(): Promise<void> {}

  /** A store with the same objects. */
  copy(): MemoryStore {
    const copy = new MemoryStore();
    for (const [name, object] of this.objects) copy.objects.set(name, Uint8Array.from(object));
    return copy;
  }

  /** Names that begin so, in order. */
  names(prefix = ''): string[] {
    return [...this.objects.keys()].filter((name) => name.startsWith(prefix)).sort();
  }

  /** One hash over all names and bytes. */
  digest(): string {
    const hash = createHash('sha256');
    for (const name of this.names()) hash.update(`${name}\u0000`).update(this.objects.get(name) ?? '');
    return hash.digest('hex');
  }
}

/** Objects as files in a folder, without a fsync: for tests that need several processes but no power cut. */
export class FolderStore implements ObjectStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async put(name: string, body: Uint8Array, how: PutOptions): Promise<PutResult> {
    const path = join(this.#folder, name);
    const half = join(this.#folder, `.${randomBytes(8).toString('hex')}`);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(half, body);
    try {
      if (how.ifAbsent === true) await link(half, path);
      else await rename(half, path);
    } catch (failure) {
      if (failure instanceof Error && 'code' in failure && failure.code === 'EEXIST') throw exists(name);
      throw failure;
    } finally {
      await rm(half, { force: true });
    }
    return { sizeBytes: body.length };
  }

  async *get(name: string, range: ByteRange | null): AsyncGenerator<Uint8Array> {
    const path = join(this.#folder, name);
    if (range === null) {
      const whole = await readFile(path).catch(() => null);
      if (whole === null) throw notFound(name);
      for (let at = 0; at < whole.length; at += PIECE_BYTES) yield whole.subarray(at, at + PIECE_BYTES);
      return;
    }
    const file = await open(path).catch(() => null);
    if (file === null) throw notFound(name);
    try {
      const bytes = Buffer.alloc(range.length);
      const { bytesRead } = await file.read(bytes, 0, range.length, range.offset);
      if (bytesRead > 0) yield bytes.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  }

  async *list(prefix: string): AsyncGenerator<ObjectInfo> {
    const entries = await readdir(this.#folder, { recursive: true, withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      if (!entry.isFile() || entry.name.startsWith('.')) continue;
      const path = join(entry.parentPath, entry.name);
      const name = path.slice(this.#folder.length + 1);
      if (!name.startsWith(prefix)) continue;
      const stats = await stat(path).catch(() => null);
      if (stats !== null) yield { name, sizeBytes: stats.size, modifiedAt: stats.mtimeMs };
    }
  }

  async remove(name: string): Promise<void> {
    await unlink(join(this.#folder, name)).catch(() => {});
  }

  async probe(): Promise<StoreFacts> {
    return facts;
  }

  async locate(name: string): Promise<ObjectLocation | null> {
    return { kind: 'file', path: join(this.#folder, name) };
  }

  async close(): Promise<void> {}
}
