import { expect, test } from 'vitest';
import { killRounds } from '../reliability/kill-rounds.ts';

const rounds = Number(process.env.HOLDFAST_SOAK_ROUNDS ?? 100);

test(
  `${rounds} backups killed at any moment lose no committed restore point`,
  async () => {
    const figures = await killRounds(rounds, 6 * 1024 * 1024);
    console.log(
      `${figures.rounds} kill rounds: ${figures.killed} killed, ${figures.acknowledged} restore points acknowledged, ` +
        `${figures.committed} there, ${figures.restores} restores byte for byte, 0 lost`,
    );
    expect(figures.committed).toBeGreaterThanOrEqual(figures.acknowledged);
  },
  24 * 3_600_000,
);
