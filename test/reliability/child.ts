/**
 * Work in a process of its own, for tests that kill it, stop it or make its system calls fail. Argument: a `ChildWish` as JSON. Writes one
 * word a line to standard output: `begun` before it starts, `committed <point>` when a restore point is acknowledged, `done` in the end; a
 * coded failure ends it with 1.
 */
import { writeSync } from 'node:fs';
import { isHoldfastError } from '@holdfast/api';
import { act } from './acts.ts';
import type { ChildWish } from './backup.ts';

const wish: ChildWish = JSON.parse(process.argv[2] ?? '{}');
try {
  await act(wish, (word) => writeSync(1, `${word}\n`));
  writeSync(1, 'done\n');
} catch (failure) {
  if (!isHoldfastError(failure)) throw failure;
  writeSync(2, `${failure.code}: ${failure.message}\n`);
  process.exitCode = 1;
}
