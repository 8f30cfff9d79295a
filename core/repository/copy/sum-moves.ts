import type { MoveResult } from '@holdfast/api';

/** Nothing was moved. */
export const noMove: MoveResult = {
  readBytes: 0,
  zeroBytes: 0,
  duplicateBytes: 0,
  newBytes: 0,
  storedBytes: 0,
  durationMs: 0,
  bottleneck: 'proxy',
};

/** Both together; what held up the longer one held up the whole. */
export function addMoves(one: MoveResult, other: MoveResult): MoveResult {
  return {
    readBytes: one.readBytes + other.readBytes,
    zeroBytes: one.zeroBytes + other.zeroBytes,
    duplicateBytes: one.duplicateBytes + other.duplicateBytes,
    newBytes: one.newBytes + other.newBytes,
    storedBytes: one.storedBytes + other.storedBytes,
    durationMs: one.durationMs + other.durationMs,
    bottleneck: other.durationMs >= one.durationMs ? other.bottleneck : one.bottleneck,
  };
}
