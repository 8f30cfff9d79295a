import { createHash } from 'node:crypto';
import { HoldfastError } from '@holdfast/api';
import { Fields } from '../documents/fields.ts';
import { parseJson } from '../documents/json.ts';
import type { Suite } from '../suite.ts';

/** Name of the object that says what a repository is. */
export const FORMAT_OBJECT = 'format.json';

/** `format.json` is never longer than this. */
export const MAX_FORMAT_BYTES = 16 * 1024;

const KIND = 'holdfast-repository';
const VERSION = 1;
const CIPHER = 'aes-256-gcm';
const HASHES = ['blake3', 'sha256'] as const;
const MIB = 1024 * 1024;

/** What `format.json` says, and its own hash, which every key confirms. */
export interface RepositoryFormat {
  readonly suite: Suite;
  readonly createdAt: number;
  /** SHA-256 of the object's bytes, 64 hexadecimal digits. */
  readonly sha256: string;
}

/** How new repositories cut: 64 KiB on average, in windows of 4 MiB. */
const CHUNKER: Suite['chunker'] = {
  kind: 'aligned',
  blockBytes: 4096,
  minimumBytes: 16 * 1024,
  averageBytes: 64 * 1024,
  maximumBytes: 256 * 1024,
  windowBytes: 4 * MIB,
};

const SEGMENT_BYTES = 64 * MIB;

export const sha256Hex = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/**
 * The bytes of `format.json` of a new repository.
 * @param like How disks are cut; a family cuts alike.
 */
export function makeFormat(
  id: string,
  hash: Suite['hash'],
  createdAt: number,
  like: Pick<Suite, 'chunker' | 'segmentBytes'> = { chunker: CHUNKER, segmentBytes: SEGMENT_BYTES },
): Uint8Array {
  const format = {
    format: KIND,
    version: VERSION,
    id,
    hash,
    cipher: CIPHER,
    chunker: like.chunker,
    segmentBytes: like.segmentBytes,
    required: [],
    optional: [],
    createdAt,
  };
  return Buffer.from(`${JSON.stringify(format, null, 2)}\n`, 'utf8');
}

const newer = (what: string): HoldfastError =>
  new HoldfastError('REPOSITORY_NEWER', `the repository ${what}, which this version does not know`);

/**
 * Reads `format.json`.
 * @throws {HoldfastError} `REPOSITORY_NEWER` for a version, suite or required feature that is not known; `REPOSITORY_DAMAGED`.
 * @see docs/formats/repository.md §3
 */
export function parseFormat(bytes: Uint8Array): RepositoryFormat {
  const fields = new Fields(parseJson(bytes, MAX_FORMAT_BYTES, FORMAT_OBJECT), FORMAT_OBJECT);
  if (fields.text('format', 64) !== KIND) throw fields.wrong('format', `is not ${KIND}`);
  const version = fields.integer('version', 1);
  if (version > VERSION) throw newer(`has format version ${version}`);
  const [required] = fields.texts('required', 64, /^[a-z0-9-]{1,64}$/);
  if (required !== undefined) throw newer(`requires the feature ${required}`);
  const hash = HASHES.find((known) => known === fields.text('hash', 64));
  if (hash === undefined) throw newer('uses a hash function');
  if (fields.text('cipher', 64) !== CIPHER) throw newer('uses a cipher');
  const chunker = parseChunker(fields.object('chunker'));
  const segmentBytes = fields.integer('segmentBytes', MIB, 1024 * MIB);
  if (segmentBytes % chunker.windowBytes !== 0) throw fields.wrong('segmentBytes', 'is not a multiple of a window');
  return {
    suite: { repositoryId: fields.hex('id', 16), hash, chunker, segmentBytes },
    createdAt: fields.integer('createdAt'),
    sha256: sha256Hex(bytes),
  };
}

function parseChunker(fields: Fields): Suite['chunker'] {
  if (fields.text('kind', 64) !== 'aligned') throw newer('cuts in a way');
  const blockBytes = fields.integer('blockBytes', 1);
  if (blockBytes !== CHUNKER.blockBytes) throw newer(`cuts in blocks of ${blockBytes} bytes`);
  const minimumBytes = fields.integer('minimumBytes', blockBytes, 4 * MIB);
  const averageBytes = fields.integer('averageBytes', minimumBytes, 4 * MIB);
  const maximumBytes = fields.integer('maximumBytes', averageBytes, 4 * MIB);
  const windowBytes = fields.integer('windowBytes', maximumBytes, 64 * MIB);
  const sizes = { minimumBytes, averageBytes, maximumBytes, windowBytes };
  for (const [name, size] of Object.entries(sizes)) {
    if (size % blockBytes !== 0) throw fields.wrong(name, 'is not a multiple of a block');
  }
  if (!Number.isInteger(Math.log2(averageBytes / blockBytes))) {
    throw fields.wrong('averageBytes', 'is not a block times a power of two');
  }
  return { kind: 'aligned', blockBytes, ...sizes };
}
