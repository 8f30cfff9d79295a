import { test } from 'vitest';
import { killAtOperations } from './kill-at-operations.ts';

// Every single operation is tried by `npm run soak`.
test.each([
  ['before', 1],
  ['after', 6],
] as const)(
  'a collection that is killed at some operation on the store, %s it takes effect, is finished by the next one, and no restore point is lost',
  (moment, from) => killAtOperations(moment, { from, step: 11 }),
  120_000,
);
