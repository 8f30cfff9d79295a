import type { DiskWriter } from '@holdfast/kit/disk/reader';
import { monotonicNs } from '../lanes/monotonic.ts';

const USUAL_PLAIN_BYTES = 256 * 1024;
/** Chunks that are on their way to a sink that answers later. */
const MOST_CHUNKS = 16;
/** One chunk may belong to any number of places. */
const MOST_WRITES = 64;

/** Memory of one chunk. */
interface Plain {
  bytes: Buffer;
  /** Writes that still need it. */
  writes: number;
}

/** Writes chunks to a sink, and gives them memory until they are written: one's for a sink that answers at once, several else. */
export class SinkWrites {
  readonly #sink: DiskWriter | null;
  readonly #all: Plain[] = [];
  readonly #underWay = new Set<Promise<void>>();
  #current: Plain = { bytes: Buffer.alloc(0), writes: 0 };
  #failure: { readonly cause: unknown } | null = null;
  #waitedNs = 0n;

  /** @param sink `null` when nothing is to be written. */
  constructor(sink: DiskWriter | null) {
    this.#sink = sink;
  }

  /** Time that was spent on waiting for the sink, since it was asked for last. */
  takeWaitedNs(): bigint {
    const waited = this.#waitedNs;
    this.#waitedNs = 0n;
    return waited;
  }

  /** Memory for a chunk, at least this large. Waits while too many are under way. */
  async memory(plainBytes: number): Promise<Buffer> {
    let plain = this.#all.find(({ writes }) => writes === 0);
    while (plain === undefined && this.#all.length >= MOST_CHUNKS) {
      await this.#wait(Promise.race(this.#underWay));
      plain = this.#all.find(({ writes }) => writes === 0);
    }
    if (plain === undefined) {
      plain = { bytes: Buffer.alloc(0), writes: 0 };
      this.#all.push(plain);
    }
    if (plain.bytes.length < plainBytes) plain.bytes = Buffer.allocUnsafeSlow(Math.max(plainBytes, USUAL_PLAIN_BYTES));
    this.#current = plain;
    return plain.bytes.subarray(0, plainBytes);
  }

  /** Begins to write the chunk whose memory was given last. Answers when to go on, if not at once. */
  write(bytes: Uint8Array, offset: number): Promise<void> | undefined {
    if (this.#sink === null) return;
    const began = monotonicNs();
    const later = this.#sink.write(bytes, offset);
    this.#waitedNs += monotonicNs() - began;
    if (later === undefined) return;
    const plain = this.#current;
    plain.writes++;
    const written: Promise<void> = later
      .catch((cause: unknown) => {
        this.#failure ??= { cause };
      })
      .finally(() => {
        plain.writes--;
        this.#underWay.delete(written);
      });
    this.#underWay.add(written);
    return this.#underWay.size < MOST_WRITES ? undefined : this.#wait(Promise.race(this.#underWay));
  }

  /** Resolves when all is written. @throws What the sink threw first. */
  async settle(): Promise<void> {
    if (this.#underWay.size > 0) await this.#wait(Promise.all(this.#underWay));
    if (this.#failure !== null) throw this.#failure.cause;
  }

  async #wait(underWay: Promise<unknown>): Promise<void> {
    const began = monotonicNs();
    await underWay;
    this.#waitedNs += monotonicNs() - began;
    if (this.#failure !== null) throw this.#failure.cause;
  }
}
