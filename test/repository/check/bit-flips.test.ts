import { makeCall } from '@holdfast/api';
import { expect, test } from 'vitest';
import { noise } from '../sample-disks.ts';
import type { MemoryStore } from '../stores.ts';
import { concernedPoints, openWholeLab, restoreAll } from './whole-lab.ts';

const call = makeCall();
const ROUNDS = 100;
const FLIPS_A_ROUND = 5;
/** Disks of all restore points together. */
const DISKS = 4;

const bytesOf = (store: MemoryStore, name: string): Uint8Array => {
  const bytes = store.objects.get(name);
  if (bytes === undefined) throw new Error(`${name} is not there`);
  return bytes;
};

/** Numbers that look random and are the same in each run. */
function dice(seed: string): (below: number) => number {
  const bytes = noise(seed, 1024 * 1024);
  let at = 0;
  return (below) => {
    at += 4;
    return bytes.readUInt32LE(at) % below;
  };
}

test('500 bits flipped anywhere in a repository are all found and named, and all that is not concerned still restores', async () => {
  await using whole = await openWholeLab();
  const { store } = whole;
  const repository = await whole.open();
  const pristine = store.copy();
  const names = pristine.names();
  const throwOf = dice('bit flips');
  const kinds = new Map<string, number>();
  let flips = 0;
  let found = 0;
  let restored = 0;
  let lost = 0;
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, object] of pristine.objects) store.objects.set(name, Uint8Array.from(object));
    const hit = new Set<string>();
    for (let flip = 0; flip < FLIPS_A_ROUND; flip++) {
      const name = names[throwOf(names.length)] ?? '';
      const object = bytesOf(store, name);
      const at = throwOf(object.length);
      object[at] = (object[at] ?? 0) ^ (1 << throwOf(8));
      hit.add(name);
      flips++;
      const kind = name.split('/')[0] ?? '';
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    }
    // Two flips of one bit would leave no damage.
    for (const name of hit) {
      if (Buffer.compare(bytesOf(store, name), bytesOf(pristine, name)) === 0) hit.delete(name);
    }
    // Now and then as a process that has never seen this repository; unless it could not be opened any more.
    const canOpen = ![...hit].some((name) => name.startsWith('keys/') || name === 'format.json');
    const reader = round % 10 === 0 && canOpen ? await whole.open(`cache ${round}`) : repository;
    const report = await reader.check('fast', call);
    const named = new Set(report.damage.map(({ object }) => object));
    for (const name of hit) {
      expect(named, `round ${round}: ${name} has a flipped bit`).toContain(name);
      found++;
    }
    const disks = await restoreAll(whole, reader, concernedPoints(report));
    restored += disks;
    lost += DISKS - disks;
  }
  const where = [...kinds].map(([kind, count]) => `${kind} ${count}`).join(', ');
  console.log(`${flips} bits flipped (${where}) in ${ROUNDS} rounds; ${found} damaged objects, all named by check`);
  console.log(`${restored} disks restored byte for byte, ${lost} concerned and refused, 0 wrong`);
  expect(restored).toBeGreaterThan(0);
});
