import { setTimeout as wait } from 'node:timers/promises';
import { type Extent, HoldfastError, isHoldfastError, type NbdSource } from '@holdfast/api';
import { NbdClient } from '../nbd/client.ts';
import { BASE_ALLOCATION, ZERO } from '../nbd/protocol.ts';
import { ExtentList } from './extents.ts';
import type { DiskReader } from './reader.ts';

/** A part of a read that failed is tried so often: one that fails once in twenty fails for good once in 25 thousand million. */
const MOST_TRIES = 8;
const PART_BYTES = 1024 * 1024;
const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 1000;
/** A server that hangs up more often than this while one disk is read is not fit to be read from. */
const MOST_CONNECTIONS = 32;

/**
 * Reads a disk from an NBD server. Reading twice does no harm, so what fails is tried again, over a new connection when the old one is lost; a disk
 * that has another size then is `DISK_CHANGED`. A server that breaks the protocol is not asked again.
 */
export class NbdReader implements DiskReader {
  readonly sizeBytes: number;
  readonly #source: NbdSource;
  readonly #timeoutMs: number | undefined;
  #client: NbdClient;
  #opening: Promise<NbdClient> | null = null;
  #connections = 1;
  #isClosed = false;

  private constructor(source: NbdSource, client: NbdClient, timeoutMs: number | undefined) {
    this.#source = source;
    this.#client = client;
    this.#timeoutMs = timeoutMs;
    this.sizeBytes = source.sizeBytes;
  }

  /**
   * @param timeoutMs As in `NbdConnect`.
   * @throws As `NbdClient.connect`, and `DISK_CHANGED` when the disk has not the size that the source says.
   */
  static async open(source: NbdSource, timeoutMs?: number): Promise<NbdReader> {
    return new NbdReader(source, await connect(source, timeoutMs), timeoutMs);
  }

  async read(into: Uint8Array, offsetBytes: number): Promise<void> {
    try {
      await this.#client.read(into, offsetBytes);
    } catch (cause) {
      if (!mayBeTried(cause)) throw cause;
      // In parts, for of many requests one would fail each time.
      for (let at = 0; at < into.length; at += PART_BYTES) {
        const part = into.subarray(at, at + PART_BYTES);
        await this.#again((client) => client.read(part, offsetBytes + at));
      }
    }
  }

  async allocated(): Promise<readonly Extent[]> {
    if (!this.#client.facts.contexts.includes(BASE_ALLOCATION)) {
      return this.sizeBytes === 0 ? [] : [{ offset: 0, length: this.sizeBytes }];
    }
    return this.#again(async (client) => {
      const found = new ExtentList();
      // A hole that is not said to be zeros may hold anything.
      for await (const { offset, length, flags } of client.extents(BASE_ALLOCATION)) {
        if ((flags & ZERO) === 0) found.add(offset, length);
      }
      return found.list();
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#client.close();
  }

  async #again<T>(work: (client: NbdClient) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await work(this.#client.isEnded ? await this.#reopen() : this.#client);
      } catch (cause) {
        if (this.#isClosed || tries >= MOST_TRIES || !mayBeTried(cause)) throw this.#asRead(cause);
        await wait(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** tries));
      }
    }
  }

  /** Who reads has long been connected. */
  #asRead(cause: unknown): unknown {
    if (!isHoldfastError(cause, 'ENDPOINT_UNREACHABLE')) return cause;
    return new HoldfastError('DISK_UNREADABLE', `the connection was lost and does not come back: ${cause.message}`, {
      facts: cause.facts,
      cause,
    });
  }

  /** Opens a new connection, one for all who wait. */
  #reopen(): Promise<NbdClient> {
    this.#opening ??= this.#connectAgain().finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  async #connectAgain(): Promise<NbdClient> {
    if (this.#isClosed || ++this.#connections > MOST_CONNECTIONS) {
      throw new HoldfastError('DISK_UNREADABLE', `the connection to export ${this.#source.export} was lost too often`, {
        facts: { export: this.#source.export, connections: this.#connections, reason: 'closed' },
      });
    }
    const client = await connect(this.#source, this.#timeoutMs);
    this.#client = client;
    if (this.#isClosed) await client.close();
    return client;
  }
}

/** Refusals of the disk itself are tried again, and so are connections; what cannot be trusted is not. */
function mayBeTried(cause: unknown): boolean {
  if (isHoldfastError(cause, 'ENDPOINT_UNREACHABLE')) return cause.facts.reason !== 'no-tls';
  return isHoldfastError(cause, 'DISK_UNREADABLE');
}

async function connect(source: NbdSource, timeoutMs: number | undefined): Promise<NbdClient> {
  const client = await NbdClient.connect(source.address, {
    export: source.export,
    contexts: [BASE_ALLOCATION],
    ...(source.tls === undefined ? {} : { tls: source.tls }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
  if (client.sizeBytes === source.sizeBytes) return client;
  await client.close();
  throw otherSize(source, client.sizeBytes);
}

/** A disk that is not the one that was listed. */
export function otherSize(place: Pick<NbdSource, 'export' | 'sizeBytes'>, sizeBytes: number): HoldfastError {
  return new HoldfastError(
    'DISK_CHANGED',
    `export ${place.export} is a disk of ${sizeBytes} bytes, not ${place.sizeBytes}`,
    { facts: { export: place.export, sizeBytes, expectedBytes: place.sizeBytes } },
  );
}
