import { safeText } from '../../model/text/safe-text.ts';
import { type Answer, endOfFile, failure, noSuchFile, ok, readOnly } from './answer.ts';
import { attributesOf, longName } from './attributes.ts';
import type { BlockCache } from './block-cache.ts';
import type { Handles } from './handles.ts';
import { partsOf, plainPath } from './path.ts';
import type { Node, PointTree } from './tree.ts';

/** More is never answered at once; a client that wants more asks again (§6.4). */
const maxReadBytes = 128 * 1024;
const namesPerPage = 100;
/** SSH_FXF_WRITE, APPEND, CREAT, TRUNC, EXCL. */
const writing = 0x3e;
const unknownHandle = failure('this file is not open');

export interface PointFilesParts {
  readonly tree: PointTree;
  readonly handles: Handles;
  readonly cache: BlockCache;
  /** Writes down that a disk is opened, before it is. */
  opening(path: string, node: Extract<Node, { kind: 'disk' }>): Promise<void>;
  now(): number;
}

/** Answers the requests of SFTP from restore points: what reads is answered, what would change anything is refused. */
export class PointFiles {
  readonly #parts: PointFilesParts;

  constructor(parts: PointFilesParts) {
    this.#parts = parts;
  }

  async open(path: string, flags: number): Promise<Answer> {
    if ((flags & writing) !== 0) return readOnly;
    const { handles, tree } = this.#parts;
    const node = await this.#find(path);
    if (node === null) return noSuchFile;
    if (node.kind !== 'disk') return failure('this is a folder');
    if (handles.isFull) return tooMany;
    await this.#parts.opening(path, node);
    const lease = await tree.hold(node.point);
    return {
      kind: 'handle',
      handle: handles.add({ kind: 'file', facts: tree.factsOf(node), disk: node.disk, lease, nextOffset: 0 }),
    };
  }

  async openFolder(path: string): Promise<Answer> {
    const { handles, tree } = this.#parts;
    const node = await this.#find(path);
    if (node === null) return noSuchFile;
    if (node.kind === 'disk') return failure('this is a file');
    if (handles.isFull) return tooMany;
    const entries = await tree.entries(node);
    return { kind: 'handle', handle: handles.add({ kind: 'folder', facts: tree.factsOf(node), entries, told: 0 }) };
  }

  async read(handle: Buffer, offset: number, length: number): Promise<Answer> {
    const file = this.#parts.handles.get(handle);
    if (file?.kind !== 'file') return unknownHandle;
    const { key, sizeBytes } = file.disk;
    if (offset >= sizeBytes) return endOfFile;
    const range = { offset, length: Math.min(length, sizeBytes - offset, maxReadBytes) };
    if (range.length <= 0) return { kind: 'data', bytes: Buffer.alloc(0) };
    const isSequential = offset === file.nextOffset;
    file.nextOffset = offset + range.length;
    const { point, key: pointKey } = file.lease;
    const read = (from: number, bytes: number): Promise<Uint8Array> => point.read(key, from, bytes);
    return {
      kind: 'data',
      bytes: await this.#parts.cache.read(`${pointKey} ${key}`, sizeBytes, range, read, isSequential),
    };
  }

  readFolder(handle: Buffer): Answer {
    const folder = this.#parts.handles.get(handle);
    if (folder?.kind !== 'folder') return unknownHandle;
    const page = folder.entries.slice(folder.told, folder.told + namesPerPage);
    if (page.length === 0) return endOfFile;
    folder.told += page.length;
    const now = this.#parts.now();
    return {
      kind: 'names',
      names: page.map(({ name, facts }) => ({
        filename: name,
        longname: longName(name, facts, now),
        attrs: attributesOf(facts),
      })),
    };
  }

  close(handle: Buffer): Answer {
    return this.#parts.handles.close(handle) ? ok : unknownHandle;
  }

  async stat(path: string): Promise<Answer> {
    const node = await this.#find(path);
    if (node === null) return noSuchFile;
    return { kind: 'attributes', attributes: attributesOf(this.#parts.tree.factsOf(node)) };
  }

  statHandle(handle: Buffer): Answer {
    const open = this.#parts.handles.get(handle);
    return open === null ? unknownHandle : { kind: 'attributes', attributes: attributesOf(open.facts) };
  }

  realPath(path: string): Answer {
    const plain = plainPath(path);
    if (plain === null) return noSuchFile;
    return { kind: 'names', names: [{ filename: plain, longname: safeText(plain), attrs: attributesOf({ at: 0 }) }] };
  }

  async #find(path: string): Promise<Node | null> {
    const parts = partsOf(path);
    return parts === null ? null : this.#parts.tree.find(parts);
  }
}

const tooMany = failure('too many files are open: close some first');
