import type { Call, Extent } from '@holdfast/api';
import { SUMS } from '../lanes/protocol.ts';

/** What had to be read once more although it had not changed, because the repository has lost it. Sums that only grow. */
export interface ReadAgain {
  readonly pieces: number;
  readonly bytes: number;
  readonly lists: number;
  readonly listBytes: number;
  /** Bytes that were not as they had been although nobody told that they had changed. */
  readonly untoldBytes: number;
}

export function readAgain(sums: BigInt64Array): ReadAgain {
  const sum = (at: number): number => Number(Atomics.load(sums, at));
  return {
    pieces: sum(SUMS.againPieces),
    bytes: sum(SUMS.againBytes),
    lists: sum(SUMS.blindLists),
    listBytes: sum(SUMS.blindBytes),
    untoldBytes: sum(SUMS.untoldBytes),
  };
}

/** Says what was read again between two moments, and answers it. */
export function tellAgain(before: ReadAgain, after: ReadAgain, call: Call): ReadAgain {
  const again = {
    pieces: after.pieces - before.pieces,
    bytes: after.bytes - before.bytes,
    lists: after.lists - before.lists,
    listBytes: after.listBytes - before.listBytes,
    untoldBytes: after.untoldBytes - before.untoldBytes,
  };
  if (again.pieces > 0) {
    const what = `${again.pieces} chunks (${again.bytes} bytes) of the restore point before are in no pack any more`;
    call.log('warn', `${what}: they were read from the disk again and stored anew`);
  }
  if (again.lists > 0) {
    const what = `the map of ${again.lists} parts of the restore point before cannot be read`;
    call.log('warn', `${what}: ${again.listBytes} bytes of the disk were read in full`);
  }
  if (again.untoldBytes > 0) {
    const what = `${again.untoldBytes} bytes of the disk have changed although they were not said to`;
    call.log('error', `${what}: the changes cannot be relied upon, so the whole disk is read`);
  }
  return again;
}

/** Says which parts of an older map are lost before anything is read. */
export function tellLostMap(lost: readonly Extent[], call: Call): void {
  if (lost.length === 0) return;
  const bytes = lost.reduce((sum, { length }) => sum + length, 0);
  call.log(
    'warn',
    `a page of the map of the restore point before is lost: ${bytes} bytes of the disk are read in full`,
  );
}
