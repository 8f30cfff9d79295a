import { createCipheriv, createHash } from 'node:crypto';

/** Random numbers and bytes that depend on a seed alone, so that a lab machine can be made and changed again. */
export class Seeded {
  readonly #stream: ReturnType<typeof createCipheriv>;
  #pool: Uint8Array = new Uint8Array();
  #at = 0;
  readonly #words: readonly string[];

  constructor(seed: number | string) {
    const key = createHash('sha256').update(`holdfast lab ${seed}`).digest();
    this.#stream = createCipheriv('aes-128-ctr', key.subarray(0, 16), key.subarray(16));
    this.#words = Array.from({ length: 3000 }, () => this.integer(2 ** 28).toString(16));
  }

  /** Bytes that do not compress. */
  bytes(length: number): Uint8Array {
    return this.#stream.update(new Uint8Array(length));
  }

  /** A whole number from 0 to `below` - 1. */
  integer(below: number): number {
    if (this.#at + 6 > this.#pool.length) {
      this.#pool = this.bytes(6 * 4096);
      this.#at = 0;
    }
    const view = new DataView(this.#pool.buffer, this.#pool.byteOffset + this.#at, 6);
    this.#at += 6;
    return Math.floor(((view.getUint16(0) * 2 ** 32 + view.getUint32(2)) / 2 ** 48) * below);
  }

  /** Words and blanks, like a log: bytes that compress to about a half. */
  text(length: number): Uint8Array {
    const words: string[] = [];
    for (let size = 0; size < length; ) {
      const word = this.#words[this.integer(this.#words.length)] ?? '';
      words.push(word);
      size += word.length + 1;
    }
    return Buffer.from(words.join(' ').slice(0, length).padEnd(length, '.'), 'latin1');
  }
}
