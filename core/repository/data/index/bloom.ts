const BLOCK_WORDS = 16;
const PROBES = 6;
const BITS_PER_KEY = 10;

/** 32-bit words that a filter for this many keys takes. */
export const bloomWords = (keys: number): number => Math.max(1, Math.ceil((keys * BITS_PER_KEY) / 512)) * BLOCK_WORDS;

/**
 * A blocked Bloom filter over chunk ids, which are random already: one cache line a question, one wrong `true` in about eighty.
 */
export class Bloom {
  readonly #words: Uint32Array;
  readonly #blocks: number;

  constructor(words: Uint32Array) {
    this.#words = words;
    this.#blocks = words.length / BLOCK_WORDS;
  }

  /** @param id Eight words. */
  add(id: Int32Array): void {
    const block = this.#blockOf(id);
    let bit = id[5] as number;
    for (let i = 0; i < PROBES; i++, bit = (bit + ((id[6] as number) | 1)) | 0) {
      const at = block + ((bit >>> 5) & 15);
      this.#words[at] = (this.#words[at] as number) | (1 << (bit & 31));
    }
  }

  has(id: Int32Array): boolean {
    const block = this.#blockOf(id);
    let bit = id[5] as number;
    for (let i = 0; i < PROBES; i++, bit = (bit + ((id[6] as number) | 1)) | 0) {
      if (((this.#words[block + ((bit >>> 5) & 15)] as number) & (1 << (bit & 31))) === 0) return false;
    }
    return true;
  }

  #blockOf(id: Int32Array): number {
    return Math.floor((((id[4] as number) >>> 0) * this.#blocks) / 4_294_967_296) * BLOCK_WORDS;
  }
}
