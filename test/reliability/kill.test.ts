import { expect, test } from 'vitest';
import { killRounds } from './kill-rounds.ts';

const ROUNDS = 20;

test('a backup killed at any moment loses no committed restore point, and the next one succeeds', async () => {
  const figures = await killRounds(ROUNDS, 6 * 1024 * 1024);
  console.log(
    `${figures.rounds} kill rounds: ${figures.killed} killed, ${figures.acknowledged} restore points acknowledged, ` +
      `${figures.committed} there, ${figures.restores} restores byte for byte, 0 lost`,
  );
  expect(figures.committed).toBeGreaterThanOrEqual(figures.acknowledged);
  expect(figures.killed).toBeGreaterThan(0);
}, 300_000);
