import { expect, test } from 'vitest';
import { killCollections } from './kill-collections.ts';
import { killCopies } from './kill-copies.ts';
import { killMigrations } from './kill-migrations.ts';

const ROUNDS = 20;
const SIZE_BYTES = 1024 * 1024;

test('a collection killed at any moment loses nothing that is needed, and the next one gives the room back', async () => {
  const figures = await killCollections(ROUNDS, SIZE_BYTES);
  console.log(
    `${figures.rounds} collections: ${figures.killed} killed, ${figures.sweptPacks} packs swept and ${figures.repackedPacks} repacked ` +
      `by the next ones, ${figures.restores} restores byte for byte, 0 lost; in the end ${figures.packBytes} bytes, ` +
      `${figures.freshBytes} in a new repository`,
  );
  expect(figures.killed).toBeGreaterThan(0);
  expect(figures.packBytes).toBeLessThan(figures.freshBytes * 1.4);
}, 300_000);

test('a copy killed at any moment loses nothing at its destination, and succeeds when it is tried again', async () => {
  const figures = await killCopies(ROUNDS, SIZE_BYTES);
  console.log(
    `${figures.rounds} copies: ${figures.killed} killed, ${figures.copied} restore points copied, ` +
      `${figures.restores} restores byte for byte, 0 lost; ${figures.packBytes} bytes for ${figures.sourceBytes}`,
  );
  expect(figures.killed).toBeGreaterThan(0);
  expect(figures.packBytes).toBeLessThan(figures.sourceBytes * 1.4);
}, 300_000);

test('a migration of the catalog killed at any moment leaves the old schema or the new one, with all that it knew', async () => {
  const figures = await killMigrations(ROUNDS);
  console.log(
    `${figures.rounds} migrations: ${figures.killed} killed, ${figures.old} found with the old schema, ` +
      `${figures.new} with the new one, 0 rows lost`,
  );
  expect(figures.killed).toBeGreaterThan(0);
}, 300_000);
