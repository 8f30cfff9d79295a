import { SUMS } from '../lanes/protocol.ts';
import { cutWindow, type WindowList, type WindowMemory } from './window.ts';
import type { WindowJob, WindowParts } from './window-job.ts';

const none: ReadonlySet<number> = new Set();

/** Windows that are read and stored wholly, one after another as they are asked for. Reading has begun when one is answered. */
export function* wholeWindows(parts: WindowParts): Generator<WindowJob, void> {
  const { windowBytes } = parts.suite.chunker;
  for (let unit = parts.claim(); unit !== undefined; unit = parts.claim()) {
    const offset = unit * windowBytes;
    const length = Math.min(windowBytes, parts.reader.sizeBytes - offset);
    const memory = parts.memories.next(parts.reader.isLate);
    yield {
      unit,
      isLast: true,
      reading: parts.reader.fill(memory, offset, length, 0),
      needs: none,
      store: (list, needs) => storeWhole(parts, memory, offset, length, list, needs),
    };
  }
}

async function storeWhole(
  { suite, cutter, filler, sums, isStopped, breathe }: WindowParts,
  memory: WindowMemory,
  offset: number,
  length: number,
  list: WindowList,
  needs: Set<number>,
): Promise<boolean> {
  let dataBytes = 0;
  for (const { start, end } of cutWindow(cutter, memory, length, suite.chunker)) {
    const plain = memory.bytes.subarray(start, end);
    list.add((offset % suite.segmentBytes) + start, plain.length, await filler.put(plain, needs, true));
    dataBytes += plain.length;
    if (isStopped()) return false;
    const breath = breathe(plain.length);
    if (breath !== undefined) await breath;
  }
  Atomics.add(sums, SUMS.zero, BigInt(length - dataBytes));
  return true;
}
