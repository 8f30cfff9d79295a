import type { Extent } from '@holdfast/api';
import { HoldfastError } from '@holdfast/api';

/** More parts than this are not worth telling apart; and a hypervisor that never ends its list must not fill our memory. */
const mostExtents = 1_000_000;

/**
 * Gathers extents, joining those that touch.
 * @returns `null` when there are more than a million: then reading the whole disk costs less.
 * @throws `PLUGIN_FAILED` when they are not ascending, overlap or leave the disk: what was left out could then be wrong.
 */
export async function gatherExtents(from: AsyncIterable<Extent>, sizeBytes: number): Promise<Extent[] | null> {
  const gathered: Extent[] = [];
  let end = 0;
  for await (const { offset, length } of from) {
    if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || length < 0 || offset < end)
      throw misled(`extent at ${offset} of length ${length} comes after one that ends at ${end}`);
    if (offset + length > sizeBytes) throw misled(`extent at ${offset} of length ${length} leaves the disk`);
    if (length === 0) continue;
    const last = gathered.at(-1);
    if (last !== undefined && last.offset + last.length === offset)
      gathered[gathered.length - 1] = { offset: last.offset, length: last.length + length };
    else if (gathered.length === mostExtents) return null;
    else gathered.push({ offset, length });
    end = offset + length;
  }
  return gathered;
}

function misled(detail: string): HoldfastError {
  return new HoldfastError(
    'PLUGIN_FAILED',
    `the hypervisor gave a list of changed parts that cannot be right: ${detail}`,
    {
      remedy: 'update the hypervisor’s plugin; until then remove its change tracking, so that disks are read whole',
    },
  );
}
