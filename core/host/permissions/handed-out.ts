import { type DiskSink, type DiskSource, HoldfastError } from '@holdfast/api';
import { demandSink, demandSource } from './descriptors.ts';
import type { Grants } from './grants.ts';

const limit = 10_000;

/**
 * Disks that hypervisors have handed out to one step; they were checked then. A technique moves what it was given; a file
 * or address that it makes up must be covered by its own permissions.
 */
export class HandedOut {
  readonly #sources = new Set<string>();
  readonly #sinks = new Set<string>();

  addSource(source: DiskSource): void {
    add(this.#sources, placeOf(source));
  }

  addSink(sink: DiskSink): void {
    add(this.#sinks, placeOf(sink));
  }

  /** @throws `PERMISSION_DENIED` */
  demandMove(grants: Grants, from: DiskSource, to: DiskSink): void {
    // Repositories are the engine's own: it knows its points and writers.
    if (from.kind !== 'repository' && !this.#sources.has(placeOf(from)))
      named('read from', () => demandSource(grants, from));
    if (to.kind !== 'repository' && !this.#sinks.has(placeOf(to))) named('write to', () => demandSink(grants, to));
  }
}

function add(places: Set<string>, place: string): void {
  const [oldest] = places;
  if (places.size >= limit && oldest !== undefined) places.delete(oldest);
  places.add(place);
}

function placeOf(disk: DiskSource | DiskSink): string {
  if (disk.kind === 'file') return JSON.stringify(['file', disk.path, 'chain' in disk ? disk.chain : []]);
  // The same server without TLS, or with another authority to trust, is another place.
  if (disk.kind === 'nbd') return JSON.stringify(['nbd', disk.address, disk.export, disk.tls ?? null]);
  return JSON.stringify(disk);
}

function named(doing: string, demand: () => void): void {
  try {
    demand();
  } catch (cause) {
    if (!(cause instanceof HoldfastError)) throw cause;
    throw new HoldfastError(
      cause.code,
      `${cause.message}: a step may only ${doing} disks that a hypervisor handed out`,
      {
        ...(cause.remedy === undefined ? {} : { remedy: cause.remedy }),
        facts: cause.facts,
        cause,
      },
    );
  }
}
