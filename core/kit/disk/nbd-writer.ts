import { HoldfastError, type NbdSink } from '@holdfast/api';
import { NbdClient } from '../nbd/client.ts';
import { otherSize } from './nbd-reader.ts';
import type { DiskWriter } from './reader.ts';

/** Threads write parts of a disk that touch at multiples of this: two of them must never change the same block of the server. */
const MOST_BLOCK_BYTES = 4096;

/** Writes to a disk that an NBD server offers and that holds zeros. Whatever fails is final: nobody knows then what the disk holds. */
export class NbdWriter implements DiskWriter {
  readonly sizeBytes: number;
  readonly #client: NbdClient;
  #failed: unknown = null;

  private constructor(client: NbdClient) {
    this.#client = client;
    this.sizeBytes = client.sizeBytes;
  }

  /**
   * @throws As `NbdClient.connect`, `DISK_CHANGED` when the disk has not the size that the sink says, `DISK_UNWRITABLE` when it is read-only,
   *   `UNSUPPORTED` when the server takes nothing smaller than 4 KiB.
   */
  static async open(sink: NbdSink): Promise<NbdWriter> {
    const { address, tls } = sink;
    const client = await NbdClient.connect(address, { export: sink.export, ...(tls === undefined ? {} : { tls }) });
    const { readOnly, minBlock } = client.facts;
    if (client.sizeBytes === sink.sizeBytes && !readOnly && minBlock <= MOST_BLOCK_BYTES) return new NbdWriter(client);
    await client.close();
    if (client.sizeBytes !== sink.sizeBytes) throw otherSize(sink, client.sizeBytes);
    const facts = { export: sink.export, readOnly, minBlock };
    if (readOnly) throw new HoldfastError('DISK_UNWRITABLE', `export ${sink.export} is read-only`, { facts });
    throw new HoldfastError('UNSUPPORTED', `export ${sink.export} only takes blocks of ${minBlock} bytes`, {
      remedy: 'let the server take blocks of at most 4096 bytes',
      facts,
    });
  }

  async write(bytes: Uint8Array, offsetBytes: number): Promise<void> {
    try {
      await this.#client.write(bytes, offsetBytes);
    } catch (cause) {
      this.#failed ??= cause;
      throw cause;
    }
  }

  async sync(): Promise<void> {
    // After a failed flush a server may have dropped what it held and would report success the next time.
    if (this.#failed !== null) throw this.#failed;
    try {
      await this.#client.flush();
    } catch (cause) {
      this.#failed = cause;
      throw cause;
    }
  }

  /** Idempotent. */
  async close(): Promise<void> {
    await this.#client.close();
  }
}
