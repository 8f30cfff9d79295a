import type { Consistency, Machine, PointDisk } from '@holdfast/api';
import type { PointOrigin } from '../copy/contract.ts';
import type { DiskContents } from '../disk-contents.ts';
import { Fields } from '../documents/fields.ts';
import { idPattern, manifestPattern } from '../documents/names.ts';
import { parseMachine } from './machine-document.ts';

/** A disk of a restore point: what it was, and where its contents are. */
export interface ManifestDisk extends PointDisk, DiskContents {}

/**
 * One restore point.
 * @see docs/formats/repository.md §8
 */
export interface Manifest {
  readonly version: 1;
  /** The lease, and the identity of the restore point. */
  readonly point: string;
  /** The machine's restore point before this one; `null` for the first. */
  readonly previous: { readonly name: string; readonly sha256: string } | null;
  readonly endpoint: string;
  readonly machine: Machine;
  readonly takenAt: number;
  readonly consistency: Consistency;
  readonly frozenMs: number;
  readonly run: string;
  readonly writtenAt: number;
  /** Bytes that this point added to the store. */
  readonly storedBytes: number;
  /** Of a copy: where the point was made. */
  readonly origin?: PointOrigin;
  readonly disks: readonly ManifestDisk[];
}

const MAX_DISKS = 4096;
const MAX_PAGES = 1_000_000;
const CHUNK_IDS_A_PAGE = 2048;
const CHUNK_ID = /^[0-9a-f]{64}$/;

function parseDisk(fields: Fields): ManifestDisk {
  const sizeBytes = fields.integer('sizeBytes');
  const segmentBytes = fields.integer('segmentBytes', 4096, 2 ** 30);
  const map = fields.texts('map', MAX_PAGES, CHUNK_ID);
  const pages = Math.ceil(Math.ceil(sizeBytes / segmentBytes) / CHUNK_IDS_A_PAGE);
  if (map.length !== pages) throw fields.wrong('map', `has not the ${pages} pages of such a disk`);
  return {
    key: fields.text('key'),
    sizeBytes,
    format: fields.oneOf('format', ['raw', 'qcow2', 'vmdk', 'vhd', 'vhdx']),
    changeToken: fields.has('changeToken') ? fields.text('changeToken', 1024 * 1024) : null,
    segmentBytes,
    map,
    chunks: fields.integer('chunks'),
    dataBytes: fields.integer('dataBytes', 0, sizeBytes),
    root: fields.hex('root', 32),
  };
}

/**
 * Reads a manifest.
 * @param name Of its object, for messages.
 * @throws {HoldfastError} `REPOSITORY_DAMAGED`
 */
export function parseManifest(value: unknown, name: string): Manifest {
  const fields = new Fields(value, name);
  fields.integer('version', 1, 1);
  const point = fields.text('point', 32);
  if (!idPattern.test(point)) throw fields.wrong('point', 'is not an identity');
  const disks = fields.objects('disks', MAX_DISKS).map(parseDisk);
  if (new Set(disks.map((disk) => disk.key)).size !== disks.length) throw fields.wrong('disks', 'has a key twice');
  return {
    version: 1,
    point,
    previous: fields.has('previous') ? parsePrevious(fields.object('previous')) : null,
    endpoint: fields.text('endpoint'),
    machine: parseMachine(fields.object('machine')),
    takenAt: fields.integer('takenAt'),
    consistency: fields.oneOf('consistency', ['crash', 'filesystem', 'application', 'memory']),
    frozenMs: fields.integer('frozenMs'),
    run: fields.text('run'),
    writtenAt: fields.integer('writtenAt'),
    storedBytes: fields.integer('storedBytes'),
    ...(fields.has('origin') ? { origin: parseOrigin(fields.object('origin')) } : {}),
    disks,
  };
}

function parsePrevious(fields: Fields): { readonly name: string; readonly sha256: string } {
  const name = fields.text('name', 128);
  if (!manifestPattern.test(name)) throw fields.wrong('name', 'is not the name of a manifest');
  return { name, sha256: fields.hex('sha256', 32) };
}

function parseOrigin(fields: Fields): PointOrigin {
  return { repository: fields.hex('repository', 16), point: fields.hex('point', 16) };
}
