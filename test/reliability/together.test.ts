import { expect, test } from 'vitest';
import { together, whyNoHosts } from './together.ts';

const missing = whyNoHosts();
if (missing !== null) console.log(`NOT RUN: hosts of other names, because ${missing}; other processes instead`);

test('two hosts that protect into one folder beside the collections of a third lose nothing and share what they store', async () => {
  const figures = await together(4, 3 * 1024 * 1024, missing === null);
  console.log(
    `three hosts: ${figures.points} restore points, ${figures.sweptPacks} packs swept and ${figures.repackedPacks} repacked ` +
      `meanwhile, ${figures.restores} restores byte for byte, 0 lost; ${figures.sharedBytes} bytes for a disk that is there`,
  );
  expect(figures.points).toBe(8);
  expect(figures.sharedBytes).toBeLessThan(64 * 1024);
}, 300_000);
