/**
 * One backup in a process of its own, for tests that kill it or make its system calls fail. Argument: a `ChildWish` as JSON. Writes one word
 * a line to standard output: `begun` before the backup starts, `committed <point>` when it is acknowledged; a coded failure ends it with 1.
 */
import { writeSync } from 'node:fs';
import { isHoldfastError } from '@holdfast/api';
import { backup, type ChildWish } from './backup.ts';

const wish: ChildWish = JSON.parse(process.argv[2] ?? '{}');
try {
  const point = await backup(wish, () => writeSync(1, 'begun\n'));
  writeSync(1, `committed ${point}\n`);
} catch (failure) {
  if (!isHoldfastError(failure)) throw failure;
  writeSync(2, `${failure.code}: ${failure.message}\n`);
  process.exitCode = 1;
}
