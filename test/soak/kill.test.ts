import { expect, test } from 'vitest';
import { killCollections } from '../reliability/kill-collections.ts';
import { killCopies } from '../reliability/kill-copies.ts';
import { killMigrations } from '../reliability/kill-migrations.ts';
import { killRounds } from '../reliability/kill-rounds.ts';

const rounds = Number(process.env.HOLDFAST_SOAK_ROUNDS ?? 100);
const hours = 24 * 3_600_000;
const MIB = 1024 * 1024;

test(
  `${rounds} backups killed at any moment lose no committed restore point`,
  async () => {
    const figures = await killRounds(rounds, 6 * MIB);
    console.log(
      `${figures.rounds} kill rounds: ${figures.killed} killed, ${figures.acknowledged} restore points acknowledged, ` +
        `${figures.committed} there, ${figures.restores} restores byte for byte, 0 lost`,
    );
    expect(figures.committed).toBeGreaterThanOrEqual(figures.acknowledged);
  },
  hours,
);

test(
  `${rounds} collections killed at any moment lose nothing that is needed and give all room back`,
  async () => {
    const figures = await killCollections(rounds, 4 * MIB);
    console.log(
      `${figures.rounds} collections: ${figures.killed} killed, ${figures.restores} restores byte for byte, 0 lost; ` +
        `in the end ${figures.packBytes} bytes, ${figures.freshBytes} in a new repository`,
    );
    expect(figures.packBytes).toBeLessThan(figures.freshBytes * 1.4);
  },
  hours,
);

test(
  `${rounds} copies killed at any moment lose nothing and succeed when they are tried again`,
  async () => {
    const figures = await killCopies(rounds, 4 * MIB);
    console.log(
      `${figures.rounds} copies: ${figures.killed} killed, ${figures.copied} restore points copied, ` +
        `${figures.restores} restores byte for byte, 0 lost`,
    );
    expect(figures.packBytes).toBeLessThan(figures.sourceBytes * 1.4);
  },
  hours,
);

test(
  `${rounds} migrations of the catalog killed at any moment leave the old schema or the new one, with all that it knew`,
  async () => {
    const figures = await killMigrations(rounds);
    console.log(
      `${figures.rounds} migrations: ${figures.killed} killed, ${figures.old} old, ${figures.new} new, 0 lost`,
    );
    expect(figures.killed).toBeGreaterThan(0);
  },
  hours,
);
