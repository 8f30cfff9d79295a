import type { Call, DiskRef, DiskSink, DiskSource, Hypervisor } from '@holdfast/api';
import { HoldfastError } from '@holdfast/api';

/** Sources and sinks that were handed out to one run, each with the name of the endpoint or target that it came from. */
export class Handouts {
  readonly #from = new Map<string, string>();

  add(descriptor: DiskSource | DiskSink, from: string): void {
    this.#from.set(keyOf(descriptor), from);
  }

  /** Where a descriptor came from. A step could make up any; only those that were handed out are opened. */
  originOf(descriptor: DiskSource | DiskSink): string {
    const from = this.#from.get(keyOf(descriptor));
    if (from !== undefined) return from;
    throw new HoldfastError(
      'PERMISSION_DENIED',
      `a step wanted to move a disk (${descriptor.kind}) that nobody handed out to it`,
      {
        remedy: 'report this to the author of the technique',
      },
    );
  }
}

/**
 * A hypervisor as the steps of one run see it: every disk that it hands out is remembered, so that `move` can tell it from one that was made up,
 * and knows where it came from. The host has checked each against the permissions of the plugin by then.
 */
export function rememberHandouts(hypervisor: Hypervisor, endpoint: string, handouts: Handouts): Hypervisor {
  const remember = <D extends DiskSource | DiskSink>(disk: D): D => {
    handouts.add(disk, endpoint);
    return disk;
  };
  const openDisk = async (ref: DiskRef, call: Call) => remember(await hypervisor.openDisk(ref, call));
  const openForWrite = hypervisor.openDiskForWrite?.bind(hypervisor);
  const openDiskForWrite =
    openForWrite && (async (ref: DiskRef, call: Call) => remember(await openForWrite(ref, call)));
  return new Proxy(hypervisor, {
    get(target, name) {
      if (name === 'openDisk') return openDisk;
      if (name === 'openDiskForWrite') return openDiskForWrite;
      // Only the host closes an endpoint: a step that does so would take it from all the others.
      if (name === 'close') return async () => {};
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** The same descriptor may come back with its keys in another order, after it has crossed to a worker. */
function keyOf(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
