/**
 * What is to be done with bytes as they come in: asks for one piece of memory after another to be filled, and goes on when it is full. Being a
 * generator it never waits, so it does not matter into which pieces the network has cut the bytes.
 */
export type Program = Generator<Uint8Array, void, void>;

const nothing = new Uint8Array(0);

/** Fills what a program asks for. What the program throws is thrown to who brings the bytes. */
export class Feed {
  readonly #program: Program;
  #want: Uint8Array = nothing;
  #at = 0;
  #isDone = false;

  constructor(program: Program) {
    this.#program = program;
    this.#step();
  }

  /** Whether the program has come to its end: it wants no more bytes. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** How many bytes are still missing in the piece that is being filled. */
  get missing(): number {
    return this.#want.length - this.#at;
  }

  /** Where the next bytes belong, for who can put them there without a copy. */
  get room(): Uint8Array {
    return this.#at === 0 ? this.#want : this.#want.subarray(this.#at);
  }

  /** So many bytes were put into `room`. */
  filled(count: number): void {
    this.#at += count;
    if (this.#at === this.#want.length) this.#step();
  }

  /** Copies bytes to where they belong. Answers how many were wanted. */
  push(bytes: Uint8Array): number {
    let taken = 0;
    while (taken < bytes.length && !this.#isDone) {
      const count = Math.min(bytes.length - taken, this.missing);
      this.#want.set(bytes.subarray(taken, taken + count), this.#at);
      taken += count;
      this.filled(count);
    }
    return taken;
  }

  #step(): void {
    this.#at = 0;
    do {
      const next = this.#program.next();
      this.#isDone = next.done === true;
      this.#want = next.done === true ? nothing : next.value;
    } while (this.#want.length === 0 && !this.#isDone);
  }
}
