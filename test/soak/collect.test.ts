import { test } from 'vitest';
import { killAtOperations } from '../repository/collect/kill-at-operations.ts';

test.each(['before', 'after'] as const)(
  'a collection that is killed at any operation on the store, %s it takes effect, is finished by the next one, and no restore point is lost',
  (moment) => killAtOperations(moment, { from: 1, step: 1 }),
  1_800_000,
);
