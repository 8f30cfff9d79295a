import { type Call, type Extent, HoldfastError, type NbdSource } from '@holdfast/api';
import { NbdClient } from '@holdfast/kit/nbd/client';

/** The context that tells data from holes. */
export const allocation = 'base:allocation';
const readsAsZeros = 2;
const isDirty = 1;

/** The context in which an export of QEMU tells of a dirty bitmap. */
export const bitmapContext = (bitmap: string): string => `qemu:dirty-bitmap:${bitmap}`;

/** Extents of an export that may hold data. */
export const allocatedExtents = (source: NbdSource, call: Call): AsyncGenerator<Extent> =>
  readExtents(source, allocation, (flags) => (flags & readsAsZeros) === 0, call);

/** Extents of an export that a dirty bitmap names. */
export const dirtyExtents = (source: NbdSource, bitmap: string, call: Call): AsyncGenerator<Extent> =>
  readExtents(source, bitmapContext(bitmap), (flags) => (flags & isDirty) !== 0, call);

/** Changes are not known, and why. */
export function trackingLost(why: string, cause?: unknown): HoldfastError {
  return new HoldfastError('TRACKING_LOST', why, { cause });
}

/** Those extents of one context that are wanted, ascending, neighbours joined. */
async function* readExtents(
  source: NbdSource,
  context: string,
  wanted: (flags: number) => boolean,
  call: Call,
): AsyncGenerator<Extent> {
  const { tls } = source;
  await using client = await NbdClient.connect(source.address, {
    export: source.export,
    contexts: [context],
    signal: call.signal,
    ...(tls === undefined ? {} : { tls }),
  });
  // A server that cannot tell is no server that says "nothing".
  if (!client.facts.contexts.includes(context)) {
    if (context !== allocation) throw trackingLost(`the export does not serve ${context}`);
    yield { offset: 0, length: client.sizeBytes };
    return;
  }
  let open: { offset: number; length: number } | null = null;
  for await (const { offset, length, flags } of client.extents(context)) {
    const isJoined: boolean = open !== null && wanted(flags) && open.offset + open.length === offset;
    if (open !== null && isJoined) open.length += length;
    else {
      if (open !== null) yield open;
      open = wanted(flags) ? { offset, length } : null;
    }
  }
  if (open !== null) yield open;
}
