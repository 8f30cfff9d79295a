/** A reader of Holdfast repositories, written from docs/formats/repository.md alone. It knows no line of Holdfast's own code. */
import { createDecipheriv, createHash, createHmac, hkdfSync, scryptSync } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, zstdDecompressSync } from 'node:zlib';
import { blake3 } from '@noble/hashes/blake3.js';
import { mnemonicToEntropy } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';

type Secret = { readonly passphrase: string } | { readonly words: string };
type Place = {
  readonly pack: Buffer;
  readonly key: Buffer;
  readonly number: number;
  readonly offset: number;
  readonly stored: number;
};
type Disk = { key: string; sizeBytes: number; segmentBytes: number; map: string[]; root: string };
type Manifest = {
  point: string;
  takenAt: number;
  machine: { name: string };
  disks: Disk[];
  previous: null | { name: string; sha256: string };
};

const NONE = Buffer.alloc(0);

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

function hkdf(key: Buffer, salt: Buffer, ...info: (string | Buffer)[]): Buffer {
  const parts = info.map((part) => (typeof part === 'string' ? Buffer.from(part, 'ascii') : part));
  return Buffer.from(hkdfSync('sha256', key, salt, Buffer.concat(parts), 32));
}

function gcmOpen(key: Buffer, nonce: Buffer, aad: Buffer, sealed: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce);
  decipher.setAAD(aad);
  decipher.setAuthTag(sealed.subarray(sealed.length - 16));
  return Buffer.concat([decipher.update(sealed.subarray(0, sealed.length - 16)), decipher.final()]);
}

const check = (is: boolean, otherwise: string): void => {
  if (!is) throw new Error(otherwise);
};

export class StrangerReader {
  readonly #folder: string;
  readonly #id: Buffer;
  readonly #hash: string;
  readonly #masters = new Map<number, Buffer>();
  readonly #idKey: Buffer;
  readonly #places = new Map<string, Place>();

  constructor(folder: string, secret: Secret) {
    this.#folder = folder;
    const formatBytes = this.#object('format.json');
    const format = JSON.parse(formatBytes.toString('utf8'));
    check(format.format === 'holdfast-repository' && format.version === 1, 'unknown format');
    check(format.cipher === 'aes-256-gcm' && format.required.length === 0, 'unknown feature');
    check(['blake3', 'sha256'].includes(format.hash), 'unknown hash');
    this.#id = Buffer.from(format.id, 'hex');
    this.#hash = format.hash;
    const payload = this.#unlock(secret, format.id);
    check(payload.format === sha256(formatBytes), 'format.json is not the one of the key');
    for (const { number, master } of payload.generations) this.#masters.set(number, Buffer.from(master, 'hex'));
    this.#idKey = hkdf(Buffer.from(payload.family, 'hex'), NONE, 'holdfast/chunk-id');
    for (const pack of this.#names('packs')) this.#readPack(pack);
  }

  /** Committed restore points that were not forgotten, oldest first, each checked against the hash that its commit names. */
  points(): Manifest[] {
    const manifests: Manifest[] = [];
    for (const name of this.#names('commits')) {
      const lease = name.slice('commits/'.length);
      const commit = this.#document(name);
      check(commit.lease === lease, 'a commit that was moved');
      if (commit.state !== 'committed' || this.#names('forgotten').includes(`forgotten/${lease}`)) continue;
      check(sha256(this.#object(commit.manifest)) === commit.sha256, 'another manifest than was committed');
      const manifest: Manifest = this.#document(commit.manifest);
      check(manifest.point === lease, 'a manifest of another restore point');
      const { previous } = manifest;
      if (previous !== null) check(sha256(this.#object(previous.name)) === previous.sha256, 'a broken chain');
      manifests.push(manifest);
    }
    return manifests.sort((a, b) => a.takenAt - b.takenAt);
  }

  /** All bytes of a disk. */
  restore(disk: Disk): Buffer {
    const out = Buffer.alloc(disk.sizeBytes);
    const root = createHash('sha256');
    const lists = Buffer.concat(disk.map.map((page) => this.#chunk(page)));
    for (let at = 0; at < lists.length; at += 32) {
      const listId = lists.subarray(at, at + 32);
      if (listId.equals(Buffer.alloc(32))) continue;
      const list = this.#chunk(listId.toString('hex'));
      check(list.length % 40 === 0, 'a segment list with bytes left over');
      let free = 0;
      for (let piece = 0; piece < list.length; piece += 40) {
        const inSegment = list.readUInt32LE(piece);
        const length = list.readUInt32LE(piece + 4);
        const id = list.subarray(piece + 8, piece + 40);
        check(inSegment >= free && inSegment + length <= disk.segmentBytes, 'pieces that overlap or leave the segment');
        free = inSegment + length;
        const offset = (at / 32) * disk.segmentBytes + inSegment;
        const chunk = this.#chunk(id.toString('hex'));
        check(chunk.length === length && offset + length <= out.length, 'a chunk of another length');
        chunk.copy(out, offset);
        const entry = Buffer.alloc(12);
        entry.writeBigUInt64LE(BigInt(offset));
        entry.writeUInt32LE(length, 8);
        root.update(entry).update(id);
      }
    }
    check(root.digest('hex') === disk.root, 'another root than the manifest has');
    return out;
  }

  #unlock(secret: Secret, repository: string) {
    const aad = Buffer.from(`holdfast/key/${repository}`, 'utf8');
    for (const name of this.#names('keys')) {
      const bytes = this.#object(name);
      if (sha256(bytes).slice(0, 32) !== name.slice('keys/'.length)) continue;
      const key = JSON.parse(bytes.toString('utf8'));
      if (key.repository !== repository || (key.kind === 'passphrase') !== 'passphrase' in secret) continue;
      const wrapping =
        'passphrase' in secret
          ? passphraseKey(secret.passphrase, key.kdf)
          : hkdf(
              Buffer.from(mnemonicToEntropy(secret.words, wordlist)),
              Buffer.from(key.salt, 'hex'),
              'holdfast/recovery',
            );
      try {
        const sealed = Buffer.from(key.sealed, 'hex');
        return JSON.parse(gcmOpen(wrapping, Buffer.from(key.nonce, 'hex'), aad, sealed).toString('utf8'));
      } catch {
        // Another passphrase's key.
      }
    }
    throw new Error('no key opens with this secret');
  }

  #document(name: string) {
    const bytes = this.#object(name);
    check(bytes.toString('ascii', 0, 4) === 'HFD1', 'not a sealed document');
    const key = hkdf(this.#master(bytes.readUInt32LE(4)), this.#id, `holdfast/document/${name}`);
    const frame = gcmOpen(key, bytes.subarray(8, 20), Buffer.from(name, 'utf8'), bytes.subarray(20));
    return JSON.parse(zstdDecompressSync(frame, { maxOutputLength: 64 * 1024 * 1024 }).toString('utf8'));
  }

  #readPack(name: string): void {
    const pack = this.#object(name);
    const header = pack.subarray(0, 48);
    check(header.toString('ascii', 0, 4) === 'HFPK' && header.readUInt16LE(4) === 1, 'not a pack');
    const id = header.subarray(16, 32);
    check(name === `packs/${id.toString('hex', 0, 1)}/${id.toString('hex')}`, 'a pack that was moved');
    const trailer = pack.subarray(pack.length - 12);
    check(trailer.toString('ascii', 4, 8) === 'HFPE', 'a pack without an end');
    check(crc32(pack.subarray(0, pack.length - 4)) === trailer.readUInt32LE(8), 'a pack with a wrong CRC');
    const key = hkdf(this.#master(header.readUInt32LE(8)), this.#id, 'holdfast/pack/', id);
    const footerAt = pack.length - 12 - trailer.readUInt32LE(0);
    const nonce = Buffer.concat([Buffer.alloc(8, 0xff), Buffer.alloc(4)]);
    const list = gcmOpen(key, nonce, header, pack.subarray(footerAt, pack.length - 12));
    let next = 48;
    for (let number = 0; number * 48 < list.length; number++) {
      const entry = list.subarray(number * 48, number * 48 + 48);
      const offset = entry.readUInt32LE(32);
      const stored = entry.readUInt32LE(40);
      check(offset === next, 'a gap between records');
      next = offset + 44 + stored + 16;
      this.#places.set(entry.toString('hex', 0, 32), { pack, key, number, offset, stored });
    }
    check(next === footerAt, 'a gap before the footer');
  }

  #chunk(id: string): Buffer {
    const place = this.#places.get(id);
    if (place === undefined) throw new Error(`chunk ${id} is in no pack`);
    const header = place.pack.subarray(place.offset, place.offset + 44);
    check(header.toString('hex', 0, 32) === id, 'another chunk than the footer says');
    const nonce = Buffer.alloc(12);
    nonce.writeUInt32LE(place.number);
    const older = Buffer.from(nonce);
    header.copy(nonce, 4, 0, 8);
    const start = place.offset + 44;
    const sealed = place.pack.subarray(start, start + place.stored + 16);
    let body: Buffer;
    try {
      body = gcmOpen(place.key, nonce, header, sealed);
    } catch {
      body = gcmOpen(place.key, older, header, sealed);
    }
    const length = header.readUInt32LE(32);
    const chunk = header[40] === 1 ? zstdDecompressSync(body, { maxOutputLength: 4 * 1024 * 1024 }) : body;
    check(chunk.length === length, 'a chunk of another length than its record says');
    const hash =
      this.#hash === 'blake3'
        ? Buffer.from(blake3(chunk, { key: this.#idKey }))
        : createHmac('sha256', this.#idKey).update(chunk).digest();
    check(hash.toString('hex') === id, 'a chunk of another hash');
    return chunk;
  }

  #master(generation: number): Buffer {
    const master = this.#masters.get(generation);
    if (master === undefined) throw new Error(`no key of generation ${generation}`);
    return master;
  }

  #object(name: string): Buffer {
    return readFileSync(join(this.#folder, name));
  }

  #names(prefix: string): string[] {
    const folder = join(this.#folder, prefix);
    if (!existsSync(folder)) return [];
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    return files.map((path) => path.slice(this.#folder.length + 1)).sort();
  }
}

function passphraseKey(
  passphrase: string,
  kdf: { name: string; N: number; r: number; p: number; salt: string },
): Buffer {
  const { N, r, p } = kdf;
  check(kdf.name === 'scrypt' && N <= 2 ** 20 && r <= 16 && p <= 4 && N * r <= 2 ** 23, 'a kdf out of bounds');
  const text = passphrase.normalize('NFC');
  return scryptSync(text, Buffer.from(kdf.salt, 'hex'), 32, { N, r, p, maxmem: 256 * N * r + 2 ** 20 });
}
