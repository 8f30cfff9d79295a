import { type Extent, HoldfastError, type RepositorySource } from '@holdfast/api';
import type { DiskReader } from '@holdfast/kit/disk/reader';
import type { ServedDisk } from '../../data-plane.ts';
import { Handover, type Wire } from './wire.ts';

/** A part of a served disk, as a thread asks for it. */
interface ServedRange {
  readonly source: RepositorySource;
  readonly offset: number;
  readonly length: number;
}

/** Disks of restore points that this process reads to its threads, because no thread can open them by itself. */
export class ServedDisks {
  readonly #disks = new Map<string, ServedDisk>();

  serve(source: RepositorySource, disk: ServedDisk): Disposable {
    const name = nameOf(source);
    this.#disks.set(name, disk);
    return { [Symbol.dispose]: () => void this.#disks.delete(name) };
  }

  /** What threads may ask for. */
  handlers() {
    return {
      'served.allocated': (source: RepositorySource) => this.#disk(source).allocated(),
      'served.read': async ({ source, offset, length }: ServedRange) => {
        const bytes = await this.#disk(source).read(offset, length);
        const alone = bytes.length === bytes.buffer.byteLength ? bytes : Uint8Array.from(bytes);
        return new Handover(alone, [alone.buffer as ArrayBuffer]);
      },
    };
  }

  #disk(source: RepositorySource): ServedDisk {
    const disk = this.#disks.get(nameOf(source));
    if (disk !== undefined) return disk;
    throw new HoldfastError('UNSUPPORTED', `disk ${source.disk} of restore point ${source.point} is not open here`);
  }
}

/** A served disk as a thread reads it. */
export function servedReader(source: RepositorySource, wire: Wire): DiskReader {
  return {
    sizeBytes: source.sizeBytes,
    async read(into, offset) {
      const { length } = into;
      into.set(await wire.ask<Uint8Array>('served.read', { source, offset, length } satisfies ServedRange));
    },
    allocated: () => wire.ask<readonly Extent[]>('served.allocated', source),
    close() {},
  };
}

const nameOf = ({ target, point, disk }: RepositorySource): string => JSON.stringify([target, point, disk]);
