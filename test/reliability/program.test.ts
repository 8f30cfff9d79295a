import { expect, test } from 'vitest';
import { killPrunes } from './program-rounds.ts';

test('the program itself, killed while it prunes, leaves a repository that is whole and goes on protecting', async () => {
  const figures = await killPrunes(1);
  console.log(
    `${figures.rounds} prunes of the program: ${figures.killed} killed, ${figures.sweptPacks} packs swept by the next ones, ` +
      `${figures.busy} told to wait, 0 damaged`,
  );
  expect(figures.killed).toBeGreaterThan(0);
}, 300_000);
