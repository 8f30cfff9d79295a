/** What is known of a chunk id. Numbers from `FIRST_PACK` on name a pack of this writer: its number and `FIRST_PACK`. */
export const ABSENT = 0;
const BUSY = 1;
/** The chunk lies in a pack that the index knows. */
export const KNOWN = 2;
export const FIRST_PACK = 3;

const SLOT_WORDS = 9;
const COUNT = 0;
const HEAD_WORDS = 16;
const WORDS = 8;

/** Memory of a table of at least this many slots. */
export function idTableMemory(slots: number): SharedArrayBuffer {
  const size = 2 ** Math.ceil(Math.log2(Math.max(64, slots)));
  return new SharedArrayBuffer((HEAD_WORDS + size * SLOT_WORDS) * 4);
}

/**
 * Chunk ids and where they are, shared by all threads of a writer: open addressing, entered by compare-and-swap, never removed
 * one by one. It is bounded: what does not fit is not entered, and is then stored twice at worst.
 */
export class IdTable {
  readonly slots: number;
  readonly #words: Int32Array;
  readonly #mask: number;

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory);
    this.slots = (this.#words.length - HEAD_WORDS) / SLOT_WORDS;
    this.#mask = this.slots - 1;
  }

  /** Ids in the table. */
  get count(): number {
    return Atomics.load(this.#words, COUNT);
  }

  /** Whether it is time to empty it. Beyond nine tenths nothing more is entered. */
  get isCrowded(): boolean {
    return this.count > this.slots * 0.7;
  }

  /**
   * What is known of an id.
   * @param id 32 bytes as eight words.
   */
  find(id: Int32Array): number {
    const at = this.#seek(id, false);
    return at < 0 ? ABSENT : Atomics.load(this.#words, at);
  }

  /**
   * Enters an id unless it is there.
   * @returns The owner that it has afterwards, or `ABSENT` when there is no room.
   */
  claim(id: Int32Array, owner: number): number {
    const at = this.#seek(id, true);
    if (at === FULL) return ABSENT;
    if (at >= 0) return Atomics.load(this.#words, at);
    const slot = -at;
    for (let i = 0; i < WORDS; i++) this.#words[slot + 1 + i] = id[i] as number;
    Atomics.store(this.#words, slot, owner);
    Atomics.add(this.#words, COUNT, 1);
    return owner;
  }

  /** Gives an id to a new owner if it still has the old one. Answers the owner that it has afterwards. */
  replace(id: Int32Array, old: number, owner: number): number {
    const at = this.#seek(id, false);
    if (at < 0) return this.claim(id, owner);
    const was = Atomics.compareExchange(this.#words, at, old, owner);
    return was === old ? owner : was;
  }

  /** Forgets everything. No other thread may use the table meanwhile. */
  clear(): void {
    this.#words.fill(0);
  }

  /** Position of the id's slot; or, when it is not there, `FULL`, or minus a slot that is now held busy for it. */
  #seek(id: Int32Array, hold: boolean): number {
    const words = this.#words;
    let slot = ((id[0] as number) ^ (id[1] as number)) & this.#mask;
    for (let probes = 0; probes < MOST_PROBES; probes++, slot = (slot + 1) & this.#mask) {
      const at = HEAD_WORDS + slot * SLOT_WORDS;
      let owner = Atomics.load(words, at);
      if (owner === ABSENT) {
        if (!hold) return FULL;
        if (this.count > this.slots * 0.9) return FULL;
        owner = Atomics.compareExchange(words, at, ABSENT, BUSY);
        if (owner === ABSENT) return -at;
      }
      if (owner === BUSY && !this.#settled(at)) continue;
      if (this.#holds(at, id)) return at;
    }
    return FULL;
  }

  /** Waits for the words of an entry that is being made. Whoever makes it may have died: then its slot is passed over. */
  #settled(at: number): boolean {
    for (let spins = 0; spins < MOST_SPINS; spins++) if (Atomics.load(this.#words, at) !== BUSY) return true;
    return false;
  }

  #holds(at: number, id: Int32Array): boolean {
    const words = this.#words;
    for (let i = 0; i < WORDS; i++) if (words[at + 1 + i] !== id[i]) return false;
    return true;
  }
}

/** No slot begins here: the head does. */
const FULL = -1;
const MOST_PROBES = 4096;
const MOST_SPINS = 1_000_000;
