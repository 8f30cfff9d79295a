/** Numbers that look random and are the same for the same seed (sfc32, Chris Doty-Humphrey, public domain). */
export class Dice {
  readonly #state = new Uint32Array(4);

  constructor(seed: number, purpose = 0) {
    this.#state.set([seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0, purpose, 1]);
    for (let i = 0; i < 16; i++) this.word();
  }

  /** 32 bits. */
  word(): number {
    const s = this.#state;
    const [a, b, c, d] = s as unknown as [number, number, number, number];
    const next = (a + b + d) >>> 0;
    s[3] = d + 1;
    s[0] = b ^ (b >>> 9);
    s[1] = c + (c << 3);
    s[2] = ((c << 21) | (c >>> 11)) + next;
    return next;
  }

  /** 0 up to but not 1. */
  share(): number {
    return this.word() / 2 ** 32;
  }

  /** A whole number from 0, less than `end`. */
  below(end: number): number {
    return Math.floor(this.share() * end);
  }

  between(first: number, last: number): number {
    return first + this.below(last - first + 1);
  }

  chance(share: number): boolean {
    return this.share() < share;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }

  bytes(length: number): Buffer {
    const bytes = Buffer.allocUnsafe(Math.ceil(length / 4) * 4);
    for (let at = 0; at < length; at += 4) bytes.writeUInt32LE(this.word(), at);
    return bytes.subarray(0, length);
  }
}
