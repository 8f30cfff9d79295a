import { makeCall } from '@holdfast/api';
import { describe, expect, test } from 'vitest';
import { protect } from '../lab.ts';
import { noise } from '../sample-disks.ts';
import { bytesOf, call, damagedObjects, isWhole, MIB, openRepairLab, type RepairLab } from './repair-lab.ts';

/** As the repository of these tests is made. */
const LONGEST_CHUNK = 256 * 1024;

/** Protects once more, and keeps what was said meanwhile. */
async function told(
  { lab, repository }: RepairLab,
  disk: Buffer,
  base: string,
  extents: readonly { offset: number; length: number }[],
) {
  const lines: string[] = [];
  const talking = makeCall({ log: (level, text) => void lines.push(`${level}: ${text}`) });
  const how = { takenAt: 2, move: { vda: { extents, base } }, call: talking };
  const { point } = await protect(lab, repository, 'm1', { vda: disk }, how);
  return { point, lines };
}

/** Packs of data of some part of the disk, and of nothing of its map: without that all of the disk is lost. */
async function packsWith(
  { store, repository, disk, packs }: RepairLab,
  part: (range: { readonly offset: number; readonly length: number }) => boolean,
): Promise<readonly string[]> {
  const some: string[] = [];
  for (const pack of packs) {
    const bytes = bytesOf(store, pack);
    store.objects.delete(pack);
    const lost = (await repository.check('fast', call)).damage.flatMap(({ concerns }) => concerns);
    store.objects.set(pack, bytes);
    if (lost.reduce((sum, { length }) => sum + length, 0) < disk.length && lost.some(part)) some.push(pack);
  }
  return some;
}

describe('an increment upon a restore point of which something is lost', () => {
  test('reads just that from the disk again, says how much it was, and makes the old one whole', async () => {
    await using broken = await openRepairLab();
    const { store, repository, disk, point, packs } = broken;
    store.objects.delete(packs[2] ?? '');
    const found = await repository.check('fast', call);
    const lost = found.damage.flatMap(({ concerns }) => concerns);
    const bytes = lost.reduce((sum, { length }) => sum + length, 0);
    expect(bytes).toBeGreaterThan(0);
    const { point: second, lines } = await told(broken, disk, point, []);
    const line = lines.find((text) => text.includes('in no pack any more'));
    expect(line).toMatch(/^warn: [0-9]+ chunks \([0-9]+ bytes\)/);
    expect(Number(/\(([0-9]+) bytes\)/.exec(line ?? '')?.[1])).toBeLessThan(disk.length);
    expect(await isWhole(broken, second, disk)).toBe(true);
    expect(await isWhole(broken, point, disk)).toBe(true);
    // What is left to say is that the index still lists the pack; a repair sees to that.
    const rest = await repository.check('full', call);
    expect(rest.damage.every(({ object, kind }) => object.startsWith('index/') && kind === 'stale')).toBe(true);
    await repository.repair(await repository.planRepair('fast', call), call);
    expect((await repository.check('full', call)).damage).toEqual([]);
  });

  test('brings back what has not changed even where something else has', async () => {
    await using broken = await openRepairLab();
    const { store, repository, disk, point } = broken;
    const changed = Buffer.from(disk);
    const extents = [{ offset: MIB + MIB / 2, length: MIB / 2 }];
    noise('since', MIB / 2).copy(changed, MIB + MIB / 2);
    // Beside what has changed chunks are cut otherwise until the cuts meet the old ones again: the old state of that is gone for good too.
    const isNear = ({ offset, length }: { readonly offset: number; readonly length: number }): boolean =>
      offset + length > MIB + MIB / 2 - LONGEST_CHUNK;
    const packs = await packsWith(broken, (range) => !isNear(range));
    expect(packs.length).toBeGreaterThan(0);
    for (const pack of packs.slice(0, 3)) store.objects.delete(pack);
    const { point: second } = await told(broken, changed, point, extents);
    expect(await isWhole(broken, second, changed)).toBe(true);
    const left = (await repository.check('fast', call)).damage.flatMap(({ concerns }) => concerns);
    for (const range of left) expect([range.point, isNear(range)]).toEqual([point, true]);
  });

  test('reads the whole disk when the map is lost, says so, and the very same map comes back', async () => {
    await using broken = await openRepairLab();
    const { store, repository, disk, point } = broken;
    // The packs were sealed in order: segment lists and map pages lie in the last one.
    const [last = ''] = [...store.objects.keys()].filter((name) => name.startsWith('packs/')).slice(-1);
    const bytes = bytesOf(store, last);
    // Every record is damaged, although the pack is as long as it was and is not condemned: only who reads knows.
    for (let at = 48; at < bytes.length - 200; at += 16) bytes[at] = (bytes[at] ?? 0) ^ 0xff;
    store.objects.set(last, bytes);
    const { point: second, lines } = await told(broken, disk, point, []);
    expect(lines.some((text) => text.startsWith('warn: ') && text.includes('map of'))).toBe(true);
    await repository.repair(await repository.planRepair('fast', call), call);
    const third = await told(broken, disk, point, []);
    for (const one of [point, second, third.point]) expect(await isWhole(broken, one, disk)).toBe(true);
    expect((await repository.check('full', call)).damage).toEqual([]);
  });

  test('does not believe whoever told the changes when what is read again is not what it was', async () => {
    await using broken = await openRepairLab();
    const { store, disk, point, packs } = broken;
    store.objects.delete(packs[2] ?? '');
    // All of the disk is new, and nobody said so.
    const now = noise('untold', disk.length);
    const { point: second, lines } = await told(broken, now, point, []);
    expect(lines.some((text) => text.startsWith('error: ') && text.includes('cannot be relied upon'))).toBe(true);
    expect(await isWhole(broken, second, now)).toBe(true);
  });

  test('that cannot be read at all is not built upon: the whole disk is read', async () => {
    await using broken = await openRepairLab();
    const { store, repository, disk } = broken;
    const second = await broken.again(2);
    const name = [...store.objects.keys()].filter((object) => object.startsWith('manifests/')).at(-1) ?? '';
    store.objects.set(name, Buffer.alloc(0));
    const other = await broken.lab.reopen(undefined, 'never seen');
    const outcome = await told({ ...broken, repository: other }, disk, second, []);
    expect(outcome.lines.some((text) => text.includes('read in full'))).toBe(true);
    expect(await isWhole({ lab: broken.lab, repository: other }, outcome.point, disk)).toBe(true);
    expect(damagedObjects(await repository.check('fast', call))).toContain(name);
  });
});

test('a chunk that lies in two packs is restored from the one that is whole', async () => {
  await using broken = await openRepairLab();
  const { lab, store, disk, point } = broken;
  const before = new Set(store.names('packs/'));
  // Another process that saw nothing of the first one stores the same chunks once more.
  const other = await lab.reopen(undefined, 'blind');
  const hidden = new Map(store.objects);
  for (const name of before) store.objects.delete(name);
  const { point: twin } = await protect(lab, other, 'm2', { vda: disk }, { takenAt: 3 });
  for (const [name, bytes] of hidden) store.objects.set(name, bytes);
  const fresh = await lab.reopen(undefined, 'fresh');
  // Whichever copy is asked first, one of each pair is damaged.
  for (const pack of before) {
    const bytes = bytesOf(store, pack);
    for (let at = 100; at < bytes.length - 12; at += 4096) bytes[at] = (bytes[at] ?? 0) ^ 1;
    store.objects.set(pack, bytes);
  }
  for (const one of [point, twin]) expect(await isWhole({ lab, repository: fresh }, one, disk)).toBe(true);
  const parts: Uint8Array[] = [];
  for await (const part of fresh.read(point, 'vda', null, call)) parts.push(Uint8Array.from(part));
  expect(Buffer.concat(parts).equals(disk)).toBe(true);
  expect(disk.length).toBe(2 * MIB);
});
