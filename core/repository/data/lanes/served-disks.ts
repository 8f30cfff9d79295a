import { type Extent, HoldfastError, type RepositorySource } from '@holdfast/api';
import type { DiskReader } from '@holdfast/kit/disk/reader';
import type { ServedDisk, ServedSource } from './served-disk.ts';
import { Handover, type Wire } from './wire.ts';

/** A part of a served disk, as a thread asks for it. */
interface ServedRange {
  readonly number: string;
  readonly offset: number;
  readonly length: number;
}

/** Disks of other repositories that the main thread reads for its threads, because none of them can open those. */
export class ServedDisks {
  readonly #disks = new Map<string, ServedDisk>();
  #last = 0;

  /** Every disk gets a source of its own: one and the same may be copied twice at once. */
  serve(disk: ServedDisk): ServedSource {
    const number = String(++this.#last);
    this.#disks.set(number, disk);
    const { sizeBytes } = disk;
    return {
      source: { kind: 'repository', target: '', point: number, disk: '', sizeBytes },
      [Symbol.dispose]: () => void this.#disks.delete(number),
    };
  }

  /** What threads may ask for. */
  handlers() {
    return {
      'served.allocated': (number: string) => this.#disk(number).allocated(),
      'served.read': async ({ number, offset, length }: ServedRange) => {
        const bytes = await this.#disk(number).read(offset, length);
        const alone = bytes.length === bytes.buffer.byteLength ? bytes : Uint8Array.from(bytes);
        return new Handover(alone, [alone.buffer as ArrayBuffer]);
      },
    };
  }

  #disk(number: string): ServedDisk {
    const disk = this.#disks.get(number);
    if (disk !== undefined) return disk;
    throw new HoldfastError('UNSUPPORTED', 'reading a disk from repository is not possible in this version');
  }
}

/** A served disk as a thread reads it. */
export function servedReader({ point: number, sizeBytes }: RepositorySource, wire: Wire): DiskReader {
  return {
    sizeBytes,
    async read(into, offset) {
      const { length } = into;
      into.set(await wire.ask<Uint8Array>('served.read', { number, offset, length } satisfies ServedRange));
    },
    allocated: () => wire.ask<readonly Extent[]>('served.allocated', number),
    close() {},
  };
}
