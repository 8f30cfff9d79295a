import { type Call, HoldfastError, isHoldfastError, type MoveResult } from '@holdfast/api';
import { ID_BYTES } from '../data/map/segment-list.ts';
import { damaged } from '../data/read/disk-map.ts';
import type { DataPlane } from '../data-plane.ts';
import type { DiskContents } from '../disk-contents.ts';
import { DiskProgress } from './disk-progress.ts';
import { type MapStep, walkMap } from './map-walk.ts';
import { unreadable } from './unreadable.ts';

/** Chunks that are moved together: some 4 GiB of data, in 2 MiB of memory. */
const MOST_PENDING = 65_536;
/** Chunks that the destination is asked for together. */
const MOST_ASKED = 16_384;

/** What a family copy works with. */
export interface FamilyParts {
  readonly from: DataPlane;
  readonly into: DataPlane;
  readonly lease: string;
  readonly bytesPerSecond: number | null;
}

/** Brings the chunks of disks that the destination lacks from a repository of the same family, sealed anew and otherwise as they are. */
export class FamilyDisks {
  readonly runs: string[] = [];
  storedBytes = 0;
  readonly #parts: FamilyParts;
  /** What is to be asked for, and what is known to be missing. */
  #asked: MapStep[] = [];
  #askedChunks = 0;
  readonly #pending = new Set<string>();
  #nextRun = 0;
  #sums = { readBytes: 0, duplicateBytes: 0, newBytes: 0, storedBytes: 0 };
  /** Sum of the pieces among them. */
  #pendingBytes = 0;
  /** Everything that has been moved for the disk at work, in turn. */
  #moveMs = 0;

  constructor(parts: FamilyParts) {
    this.#parts = parts;
  }

  /**
   * When this resolves, every chunk of the disk is durable in the destination.
   * @throws `REPOSITORY_DAMAGED` when one cannot be had from the source.
   */
  async copy(disk: DiskContents, call: Call): Promise<MoveResult> {
    this.#sums = { readBytes: 0, duplicateBytes: 0, newBytes: 0, storedBytes: 0 };
    this.#moveMs = 0;
    const began = performance.now();
    const progress = new DiskProgress(call, disk.dataBytes);
    for await (const step of walkMap(disk, this.#parts.from, call)) {
      this.#asked.push(step);
      this.#askedChunks += step.pieces.length + 1;
      for (const piece of step.pieces) progress.add(piece.length);
      if (this.#askedChunks < MOST_ASKED) continue;
      await this.#ask(call);
      progress.tell(this.#pendingBytes);
      if (this.#pending.size >= MOST_PENDING) await this.#move(progress.callFor(this.#pendingBytes));
    }
    await this.#ask(call);
    await this.#move(progress.callFor(this.#pendingBytes));
    progress.tell(0);
    const durationMs = Math.round(performance.now() - began);
    const bottleneck = this.#moveMs * 2 > durationMs ? 'target' : 'proxy';
    return { ...this.#sums, zeroBytes: disk.sizeBytes - disk.dataBytes, durationMs, bottleneck };
  }

  /** Finds out what of the chunks that were gathered the destination lacks. */
  async #ask(call: Call): Promise<void> {
    const steps = this.#asked;
    this.#asked = [];
    this.#askedChunks = 0;
    const ids = Buffer.concat(steps.flatMap(({ id, pieces }) => [id, ...pieces.map((piece) => piece.id)]));
    if (ids.length === 0) return;
    const absent = keysOf(await this.#parts.into.absent(Uint8Array.from(ids), call));
    for (const { id, pieces } of steps) {
      if (absent.has(keyOf(id))) this.#pending.add(keyOf(id));
      for (const piece of pieces) {
        const key = keyOf(piece.id);
        const isNew = absent.has(key) && !this.#pending.has(key);
        if (isNew) {
          this.#pending.add(key);
          this.#pendingBytes += piece.length;
        }
        this.#sums[isNew ? 'newBytes' : 'duplicateBytes'] += piece.length;
      }
    }
  }

  async #move(call: Call): Promise<void> {
    if (this.#pending.size === 0) return;
    const { from, into, lease, bytesPerSecond } = this.#parts;
    const ids = Uint8Array.from(Buffer.concat([...this.#pending].map((key) => Buffer.from(key, 'latin1'))));
    this.#pending.clear();
    this.#pendingBytes = 0;
    const began = performance.now();
    const { orders, missing, storedBytes } = await from.groupByPack(ids, call);
    if (missing.length > 0) throw notHad(missing);
    const source = from.asSource();
    const how = { lease, orders, source, bytesPerSecond, firstRun: this.#nextRun, totalBytes: storedBytes };
    // What landed at the source and waits there is not taken over as plain as it is: here nobody would compress it later.
    const moved = await into.moveRecords({ ...how, finish: true }, call);
    this.#nextRun = moved.nextRun;
    this.#moveMs += performance.now() - began;
    this.runs.push(...moved.runs);
    this.storedBytes += moved.storedBytes;
    this.#sums.readBytes += moved.movedBytes;
    this.#sums.storedBytes += moved.storedBytes;
    for (const lost of moved.lost) if (lost.ids.length > 0) throw notHad(lost.ids);
    const left = await into.absent(ids, call);
    if (left.length === 0) return;
    throw new HoldfastError(
      'VERIFY_FAILED',
      `${left.length / ID_BYTES} chunks were copied and are not there; the copy was given up`,
    );
  }
}

/**
 * Makes sure that a disk can be read in the destination: its map, from there and checked against its root, and a place for every chunk.
 * @throws `VERIFY_FAILED`.
 */
export async function proveDisk(name: string, disk: DiskContents, into: DataPlane, call: Call): Promise<void> {
  try {
    await followMap(name, disk, into, call);
  } catch (failure) {
    throw isHoldfastError(failure, 'REPOSITORY_DAMAGED') ? unreadable(name, failure) : failure;
  }
}

async function followMap(name: string, disk: DiskContents, into: DataPlane, call: Call): Promise<void> {
  for await (const { pieces } of walkMap(disk, into, call)) {
    for (const { id, offset } of pieces) {
      if (await into.has(id)) continue;
      throw new HoldfastError('VERIFY_FAILED', `the copy of disk ${name} lacks a chunk at ${offset}; it was given up`, {
        facts: { disk: name, offset },
      });
    }
  }
}

function notHad(ids: Uint8Array): HoldfastError {
  const chunk = Buffer.from(ids.subarray(0, ID_BYTES)).toString('hex');
  return damaged(`${ids.length / ID_BYTES} chunks are lost, ${chunk} among them`, { chunk });
}

const keyOf = (id: Uint8Array): string => Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString('latin1');

function keysOf(ids: Uint8Array): Set<string> {
  const keys = new Set<string>();
  for (let at = 0; at < ids.length; at += ID_BYTES) keys.add(keyOf(ids.subarray(at, at + ID_BYTES)));
  return keys;
}
