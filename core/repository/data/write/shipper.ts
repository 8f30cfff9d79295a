import { type Call, cancelled, makeCall, type ObjectStore } from '@holdfast/api';
import type { FlatList } from '../index/cache-work.ts';
import { PACK_DURABLE, PACK_LOST, type PackReport } from '../lanes/protocol.ts';
import { packName } from '../packs/format.ts';
import { roomFor } from '../packs/pack-builder.ts';
import { isOfOneObject, putObject } from './put-object.ts';

/** A pack that is durable. */
export interface ShippedPack extends FlatList {
  readonly number: number;
  readonly generation: number;
  readonly sizeBytes: number;
}

/** Who is told what became of packs. */
export interface ShipperEvents {
  durable(pack: ShippedPack): void;
  /** The pack will never be there; what it holds must be stored again. */
  lost(number: number, cause: unknown): void;
  /** The target itself fails: nothing more can be written. */
  failed(cause: unknown): void;
}

/** Packs that may get lost before the target is taken to be at fault. */
const MOST_LOST = 3;

/** Puts sealed packs into the store and lends threads the memory to fill the next ones: what is in memory is bounded, however slow the store. */
export class Shipper {
  readonly #store: ObjectStore;
  readonly #states: Int32Array;
  readonly #events: ShipperEvents;
  readonly #packBytes: number;
  readonly #free: ArrayBuffer[] = [];
  #wanted: { readonly bytes: number; readonly give: (memory: ArrayBuffer) => void; readonly refuse: () => void }[] = [];
  readonly #moving = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  #buffers: number;
  #call: Call = makeCall();
  #losses = 0;
  /** Bytes of all packs that are durable. */
  storedBytes = 0;

  /** @param buffers How many packs may be in memory at once, open or on their way. */
  constructor(store: ObjectStore, states: Int32Array, packBytes: number, buffers: number, events: ShipperEvents) {
    this.#store = store;
    this.#states = states;
    this.#packBytes = packBytes;
    this.#buffers = buffers;
    this.#events = events;
  }

  /** Puts go on in the name of this call from now on. */
  actFor(call: Call): void {
    const signal = AbortSignal.any([call.signal, this.#stop.signal]);
    this.#call = makeCall({
      signal,
      deadline: call.deadline,
      who: call.who,
      log: (level, text) => call.log(level, text),
    });
  }

  /** Memory for a pack that can hold a chunk of this length; later when all of it is in use. Throws `CANCELLED` once it is stopped. */
  memory(plainBytes: number): Promise<ArrayBuffer> {
    const bytes = Math.max(this.#packBytes, roomFor(plainBytes));
    return new Promise<ArrayBuffer>((give, reject) => {
      const refuse = (): void => reject(cancelled('writing'));
      if (this.#stop.signal.aborted) refuse();
      else this.#wanted.push({ bytes, give, refuse });
      this.#lend();
    });
  }

  /** Memory that is gone with a dead thread. */
  replaceMemory(): void {
    this.#buffers++;
    this.#lend();
  }

  /** Takes over a sealed pack. */
  ship(report: PackReport): void {
    const moving = this.#put(report).finally(() => {
      this.#moving.delete(moving);
      if (this.#stop.signal.aborted) release(report.memory);
      else this.#free.push(report.memory);
      this.#lend();
    });
    this.#moving.add(moving);
  }

  /** Waits until no pack is on its way. */
  async settled(): Promise<void> {
    while (this.#moving.size > 0) await Promise.all(this.#moving);
  }

  /** Stops what is on its way. */
  stop(): void {
    this.#stop.abort();
    for (const memory of this.#free.splice(0)) release(memory);
    const refused = this.#wanted;
    this.#wanted = [];
    for (const { refuse } of refused) refuse();
  }

  #lend(): void {
    for (let next = this.#wanted[0]; next !== undefined; next = this.#wanted[0]) {
      const memory = this.#take(next.bytes);
      if (memory === null) return;
      this.#wanted.shift();
      next.give(memory);
    }
  }

  #take(bytes: number): ArrayBuffer | null {
    const free = this.#free.pop();
    if (free !== undefined) return free.byteLength >= bytes ? free : new ArrayBuffer(bytes);
    if (this.#buffers === 0) return null;
    this.#buffers--;
    return new ArrayBuffer(bytes);
  }

  async #put(report: PackReport): Promise<void> {
    const body = new Uint8Array(report.memory, 0, report.length);
    try {
      await putObject(this.#store, packName(report.pack), body, this.#call);
    } catch (cause) {
      Atomics.store(this.#states, report.number, PACK_LOST);
      if (isOfOneObject(cause) && ++this.#losses <= MOST_LOST) this.#events.lost(report.number, cause);
      else this.#events.failed(cause);
      return;
    }
    this.storedBytes += report.length;
    Atomics.store(this.#states, report.number, PACK_DURABLE);
    const { pack, list, number, generation, length } = report;
    this.#events.durable({ pack, list, number, generation, sizeBytes: length });
  }
}

/** Gives memory back at once, not when it is collected: what is idle collects nothing. */
function release(memory: ArrayBuffer): void {
  memory.transfer(0);
}
