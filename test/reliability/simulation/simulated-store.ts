import {
  type ByteRange,
  type Call,
  cancelled,
  HoldfastError,
  type ObjectInfo,
  type ObjectStore,
  type PutOptions,
  type PutResult,
  type StoreFacts,
  throwIfCancelled,
} from '@holdfast/api';
import type { Dice } from './dice.ts';
import { type FaultKind, type FaultRates, faultOf } from './faults.ts';
import type { Happening, Party, Scheduler } from './scheduler.ts';
import type { SimulatedDisk } from './simulated-disk.ts';

/** What a store of a world works with. */
export interface StoreWorld {
  readonly scheduler: Scheduler;
  readonly dice: Dice;
  rates(): FaultRates;
  count(kind: FaultKind): void;
  note(line: string): void;
}

const FACTS: StoreFacts = {
  conditionalPut: true,
  lockUntil: false,
  rangedGet: true,
  consistentList: true,
  freeBytes: null,
  totalBytes: null,
  items: [],
};

/** Parts of a listing that are looked at at different moments. */
const LIST_PARTS = 3;
/** Longer than a lease of these worlds lives. */
const SLOW_MS = 200_000;
const LATE_MS = 400_000;

/** All others need no more than to add and to read. */
const MAY_REMOVE = /^(collect|deduplicate|repair|rebuild|rotate|examining)/;

/** Their leases are for reading or collecting. */
const NEVER_COMMIT = /^(collect|deduplicate|restore|check|examining)/;

const partOf = (name: string): number =>
  (name.charCodeAt(name.length - 1) + name.charCodeAt(name.length >> 1)) % LIST_PARTS;

/**
 * The store as one process sees it. Keeps the contract of `ObjectStore` to the letter, where it says nothing does its worst: what is not acknowledged
 * may be there or not, now or later; a listing is not of one moment; answers come in any order.
 */
export class SimulatedStore implements ObjectStore {
  readonly #world: StoreWorld;
  readonly #disk: SimulatedDisk;
  readonly #process: Party & { readonly host: string };
  /** Puts and removes that the store has not done yet. */
  readonly #inFlight = new Set<{ readonly name: string; readonly happening: Happening }>();

  constructor(world: StoreWorld, disk: SimulatedDisk, process: Party & { readonly host: string }) {
    this.#world = world;
    this.#disk = disk;
    this.#process = process;
  }

  async put(name: string, body: Uint8Array, how: PutOptions, call: Call): Promise<PutResult> {
    throwIfCancelled(call.signal, `putting ${name}`);
    const ifAbsent = how.ifAbsent === true;
    // It may still be done when the caller uses the memory for something else.
    const kept = Uint8Array.from(body);
    this.#disk.watch(name, kept, ifAbsent);
    if (NEVER_COMMIT.test(call.who) && name.startsWith('leases/')) this.#disk.noteReader(name.slice('leases/'.length));
    const fault = this.#draw('put');
    await this.#change('put', name, fault, call, () =>
      this.#disk.put(name, kept, ifAbsent, this.#world.scheduler.nowMs),
    );
    return { sizeBytes: body.length };
  }

  async *get(name: string, range: ByteRange | null, call: Call): AsyncGenerator<Uint8Array> {
    throwIfCancelled(call.signal, `getting ${name}`);
    const fault = this.#draw('get');
    await this.#answer('get', name);
    if (fault === 'stale handle') throw this.#fail('get', name, fault);
    const start = range?.offset ?? 0;
    let object: Uint8Array;
    try {
      object = this.#disk.get(name);
    } catch (failure) {
      this.#world.note(`${this.#process.host} get ${name}: not there`);
      throw failure;
    }
    const end = Math.min(object.length, range === null ? object.length : range.offset + range.length);
    if (fault === null) {
      if (end > start) yield object.slice(start, end);
      return;
    }
    const middle = start + Math.max(0, (end - start) >> 1);
    if (middle > start) yield object.slice(start, middle);
    await this.#answer('get more of', name);
    throw this.#fail('get', name, fault);
  }

  async *list(prefix: string, call: Call): AsyncGenerator<ObjectInfo> {
    throwIfCancelled(call.signal, `listing ${prefix}`);
    const fault = this.#draw('list');
    const parts = prefix.length > 32 ? 1 : LIST_PARTS;
    const first = this.#world.dice.below(parts);
    for (let i = 0; i < parts; i++) {
      await this.#answer('list', prefix);
      if (fault !== null && i === parts - 1) throw this.#fail('list', prefix, fault);
      const part = (first + i) % parts;
      for (const info of this.listed(prefix)) if (parts === 1 || partOf(info.name) === part) yield info;
    }
  }

  async remove(name: string, call: Call): Promise<void> {
    throwIfCancelled(call.signal, `removing ${name}`);
    if (!MAY_REMOVE.test(call.who)) this.#disk.violations.push(`${call.who} removed ${name}`);
    await this.#change('remove', name, this.#draw('remove'), call, () => void this.#disk.objects.delete(name));
  }

  async probe(): Promise<StoreFacts> {
    return FACTS;
  }

  async close(): Promise<void> {}

  /** What a listing shows at this moment. */
  protected listed(prefix: string): ObjectInfo[] {
    return this.#disk.list(prefix);
  }

  /** The process is no more: what it had sent may have arrived, or be on its way for a while; or was never sent. */
  die(): void {
    for (const { name, happening } of this.#inFlight) {
      const isLost = this.#world.dice.chance(0.5);
      if (isLost) happening.cancel();
      this.#world.count(isLost ? 'put in flight lost' : 'put in flight landed');
      this.#world.note(`${this.#process.host} was killed, ${name} ${isLost ? 'was not sent' : 'is on its way'}`);
    }
    this.#inFlight.clear();
  }

  /** Something that changes the store: done at one moment, answered at another. */
  #change(what: string, name: string, fault: FaultKind | null, call: Call, work: () => void): Promise<void> {
    const { scheduler, dice } = this.#world;
    const { host } = this.#process;
    return new Promise<void>((resolve, reject) => {
      let isAnswered = false;
      const answer = (ms: number, settle: () => void): void => {
        if (isAnswered) return;
        isAnswered = true;
        call.signal.removeEventListener('abort', abort);
        if (ms === 0 && !this.#process.isStopped && !this.#process.isDead) settle();
        else scheduler.after(ms, this.#process, settle);
      };
      const fail = (failure: unknown, ms = 0): void => answer(ms, () => reject(failure));
      // Whoever cancels does not know whether it was done.
      const abort = (): void => fail(cancelled(`${what} ${name}`), dice.between(1, 20));
      call.signal.addEventListener('abort', abort, { once: true });
      const isLate = fault === 'failed, lands later';
      const delay = isLate ? dice.between(1, LATE_MS) : this.#delay();
      if (isLate) fail(faultOf('unreachable', name), dice.between(1, 200));
      const flight = { name, happening: scheduler.after(delay, null, () => land()) };
      this.#inFlight.add(flight);
      const land = (): void => {
        this.#inFlight.delete(flight);
        let outcome = 'done';
        let failure: unknown = null;
        try {
          if (fault === null || fault === 'failed after success' || isLate || fault === 'slow') work();
          if (fault !== null && fault !== 'slow') failure = faultOf(fault, name);
          if (fault === 'failed after success' && dice.chance(0.5)) failure = faultOf('unreachable', name);
          if (fault !== null) outcome = fault;
        } catch (thrown) {
          failure = thrown;
          outcome = thrown instanceof HoldfastError ? thrown.code : String(thrown);
        }
        this.#world.note(`${Math.round(scheduler.nowMs)} ${host} ${what} ${name}: ${outcome}`);
        const ms = dice.chance(0.7) ? 0 : dice.between(1, 30);
        if (failure === null) answer(ms, resolve);
        else fail(failure, ms);
      };
    });
  }

  async #answer(what: string, name: string): Promise<void> {
    const { scheduler } = this.#world;
    await new Promise<void>((resolve) => {
      scheduler.after(this.#delay(), this.#process, () => {
        this.#world.note(`${Math.round(scheduler.nowMs)} ${this.#process.host} ${what} ${name}`);
        resolve();
      });
    });
  }

  #fail(what: string, name: string, fault: FaultKind): HoldfastError {
    this.#world.note(`${this.#process.host} ${what} ${name}: ${fault}`);
    return faultOf(fault, name);
  }

  #delay(): number {
    const { dice } = this.#world;
    if (dice.chance(this.#world.rates().slow)) {
      this.#world.count('slow');
      return dice.between(500, SLOW_MS);
    }
    return dice.between(1, 20);
  }

  #draw(operation: 'put' | 'get' | 'list' | 'remove'): FaultKind | null {
    const { dice } = this.#world;
    if (!dice.chance(this.#world.rates()[operation])) return null;
    const kinds: readonly FaultKind[] =
      operation === 'put'
        ? ['eio', 'full', 'unreachable', 'failed after success', 'failed after success', 'failed, lands later']
        : operation === 'remove'
          ? ['eio', 'unreachable', 'failed after success', 'failed, lands later']
          : operation === 'get'
            ? ['stale handle', 'broken off']
            : ['eio', 'unreachable'];
    const kind = dice.pick(kinds);
    this.#world.count(kind);
    return kind;
  }
}
