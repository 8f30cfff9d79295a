import type { HoldfastError } from '@holdfast/api';
import { Coverage } from './coverage.ts';
import type { Place } from './errors.ts';
import { COMMAND } from './protocol.ts';

const names: Readonly<Record<number, string>> = {
  [COMMAND.read]: 'could not be read',
  [COMMAND.write]: 'could not be written',
  [COMMAND.flush]: 'could not be flushed',
  [COMMAND.trim]: 'could not be trimmed',
  [COMMAND.writeZeroes]: 'could not be zeroed',
  [COMMAND.blockStatus]: 'could not be asked what is allocated',
};

/** What a server says about a range in one context: length and flags of each extent in turn, 32 bits each, big endian. */
export type StatusAnswer = Map<string, Buffer>;

/** A request that was sent and has not been answered wholly. */
export class Pending {
  readonly command: number;
  readonly offset: number;
  readonly length: number;
  /** Where the bytes of a read go. */
  readonly into: Uint8Array | null;
  readonly covered: Coverage | null;
  readonly status: StatusAnswer = new Map();
  readonly done: Promise<void>;
  /** What the server said went wrong. */
  refused: HoldfastError | null = null;
  /** When it was sent, in ticks of the client. */
  sentAt = 0;
  readonly #place: Place;
  readonly #resolve: () => void;
  readonly #reject: (cause: Error) => void;

  constructor(place: Place, command: number, offset: number, length: number, into: Uint8Array | null = null) {
    this.#place = place;
    this.command = command;
    this.offset = offset;
    this.length = length;
    this.into = into;
    this.covered = into === null ? null : new Coverage(into.length);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.done = promise;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Bytes that it holds of what may be under way. */
  get weight(): number {
    return this.command === COMMAND.read || this.command === COMMAND.write ? this.length : 0;
  }

  /** Whether a server may think about it for long: it may write a whole disk. */
  get isSlow(): boolean {
    return this.command !== COMMAND.read && this.command !== COMMAND.write;
  }

  /** The answer is whole. */
  end(): void {
    if (this.refused !== null) this.#reject(this.refused);
    else this.#resolve();
  }

  /** There will be no answer. */
  fail(cause: Error): void {
    this.#reject(cause);
  }

  /** An error of this request. @param why What happened. */
  error(why: string, reason: string, cause?: unknown): HoldfastError {
    const isReading = this.command === COMMAND.read || this.command === COMMAND.blockStatus;
    const where = this.command === COMMAND.flush ? '' : ` at ${this.offset}, ${this.length} bytes`;
    return this.#place.error(
      isReading ? 'DISK_UNREADABLE' : 'DISK_UNWRITABLE',
      `${names[this.command] ?? 'failed'}${where}: ${why}`,
      { facts: { reason, offset: this.offset, length: this.length }, cause },
    );
  }
}
