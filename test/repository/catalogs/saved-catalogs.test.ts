import { HoldfastError, makeCall } from '@holdfast/api';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inPieces } from '../../../core/repository/catalogs/pieces.ts';
import { openLab } from '../lab.ts';
import { noise } from '../sample-disks.ts';
import { MemoryStore } from '../stores.ts';

const call = makeCall();
const MIB = 1024 * 1024;
const site = 'a'.repeat(32);
const other = 'b'.repeat(32);
const catalog = (bytes: Uint8Array, of = site) => ({ site: of, schema: 2, bytes });

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

test('a catalog comes back byte for byte, from memory and in pieces, also one of several parts', async () => {
  await using lab = await openLab(new MemoryStore());
  for (const size of [1, 100_000, 8 * MIB, 17 * MIB + 3]) {
    const bytes = noise(`catalog ${size}`, size);
    const whole = await lab.repository.saveCatalog(catalog(bytes), call);
    const streamed = await lab.repository.saveCatalog({ ...catalog(bytes), bytes: pieces(bytes, 70_001) }, call);
    for (const saved of [whole, streamed]) {
      expect(saved).toMatchObject({ site, target: 'here', schema: 2, sizeBytes: size });
      expect(Buffer.compare(await lab.repository.readCatalog(saved.object, call), bytes)).toBe(0);
    }
  }
});

test('pieces of any size become pieces of one size, and no byte is lost', async () => {
  const sizes = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(sizes, fc.integer({ min: 1, max: 33 }), async (given, pieceBytes) => {
      const source = async function* () {
        yield* given;
      };
      const seen: Buffer[] = [];
      for await (const piece of inPieces(source(), pieceBytes)) seen.push(Buffer.from(piece));
      expect(Buffer.concat(seen).equals(Buffer.concat(given))).toBe(true);
      expect(seen.slice(0, -1).every(({ length }) => length === pieceBytes)).toBe(true);
      expect(seen.every(({ length }) => length > 0)).toBe(true);
    }),
  );
});

test('the newest is the last that was saved, whatever the clock said', async () => {
  let now = 2_000_000_000_000;
  await using lab = await openLab(new MemoryStore(), { now: () => now });
  const early = await lab.repository.saveCatalog(catalog(Buffer.from('a year ahead')), call);
  now -= 365 * 86_400_000;
  const late = await lab.repository.saveCatalog(catalog(Buffer.from('the clock was set right')), call);
  expect((await lab.repository.catalogs(call)).map(({ object }) => object)).toEqual([late.object, early.object]);
});

test('of one day the newest five of each installation stay, and another installation loses none', async () => {
  const store = new MemoryStore();
  await using lab = await openLab(store);
  const theirs = await lab.repository.saveCatalog(catalog(Buffer.from('theirs'), other), call);
  const ours: string[] = [];
  for (let n = 0; n < 8; n++) ours.push((await lab.repository.saveCatalog(catalog(noise(`${n}`, 50)), call)).object);
  const left = (await lab.repository.catalogs(call)).map(({ object }) => object);
  expect(left.toSorted()).toEqual([...ours.slice(-5), theirs.object].toSorted());
  expect(store.names('catalogs/')).toHaveLength(12);
});

test('a thousand copies a day leave the newest five and one of each of the last seven days', async () => {
  const day = 86_400_000;
  let now = 20_000 * day;
  const store = new MemoryStore();
  await using lab = await openLab(store, { now: () => now });
  for (let n = 0; n < 40; n++, now += day / 4) await lab.repository.saveCatalog(catalog(noise(`${n}`, 50)), call);
  const left = (await lab.repository.catalogs(call)).map(({ sequence }) => sequence);
  // Four a day: the last of each of seven days, and of the two last days all but three.
  expect(left).toEqual([40, 39, 38, 37, 36, 32, 28, 24, 20, 16]);
  // A clock that was wrong for a while takes its place among the days, and pushes nothing out that is newer.
  now += 365 * day;
  await lab.repository.saveCatalog(catalog(noise('ahead', 50)), call);
  now -= 365 * day;
  await lab.repository.saveCatalog(catalog(noise('right again', 50)), call);
  expect((await lab.repository.catalogs(call)).map(({ sequence }) => sequence)).toEqual([
    42, 41, 40, 39, 38, 36, 32, 28, 24,
  ]);
  expect(store.names('catalogs/')).toHaveLength(18);
});

test('nothing older goes before the new copy is whole: a store that fails at any step loses none', async () => {
  const store = new MemoryStore();
  await using lab = await openLab(store);
  for (let n = 0; n < 5; n++) await lab.repository.saveCatalog(catalog(noise(`${n}`, 5000)), call);
  const before = new Set(store.names('catalogs/'));
  for (let step = 0; step < 8; step++) {
    let left = step;
    store.before = (operation) => {
      if (operation !== 'list' && operation !== 'get' && left-- <= 0)
        throw new HoldfastError('TARGET_IO', 'planted failure');
    };
    await lab.repository.saveCatalog(catalog(noise('new', 9 * MIB)), call).catch(() => {});
    store.before = () => {};
    const whole = await lab.repository.catalogs(call);
    expect(whole.length).toBeGreaterThanOrEqual(5);
    for (const { object } of whole) await lab.repository.readCatalog(object, call);
  }
  expect([...before].filter((name) => !store.objects.has(name)).length).toBeLessThanOrEqual(10);
});

test('where the store removes nothing, a catalog is saved all the same', async () => {
  const store = new MemoryStore();
  store.before = (operation) => {
    if (operation === 'remove') throw new HoldfastError('TARGET_READ_ONLY', 'nothing may be removed here');
  };
  const lines: string[] = [];
  await using lab = await openLab(store);
  const told = makeCall({ log: (level, text) => lines.push(`${level}: ${text}`) });
  for (let n = 0; n < 7; n++) await lab.repository.saveCatalog(catalog(noise(`${n}`, 50)), told);
  expect(await lab.repository.catalogs(call)).toHaveLength(7);
  expect(lines.join('\n')).toContain('debug: older copies of the catalog stay where they are');
});

test('where writers may not remove, whoever collects removes what is a month old, and never the newest five', async () => {
  const day = 86_400_000;
  let now = 1_700_000_000_000;
  const store = new MemoryStore();
  let isKeeper = false;
  store.before = (operation) => {
    if (operation === 'remove' && !isKeeper) throw new HoldfastError('TARGET_READ_ONLY', 'nothing may be removed here');
  };
  await using lab = await openLab(store, { now: () => now });
  for (let n = 0; n < 9; n++, now += 5 * day) await lab.repository.saveCatalog(catalog(noise(`${n}`, 50)), call);
  isKeeper = true;
  await lab.repository.collect({}, call);
  expect((await lab.repository.catalogs(call)).map(({ sequence }) => sequence)).toEqual([9, 8, 7, 6, 5, 4]);
  now += 365 * day;
  await lab.repository.collect({}, call);
  expect((await lab.repository.catalogs(call)).map(({ sequence }) => sequence)).toEqual([9, 8, 7, 6, 5]);
});

test('what a writer that was killed left goes an hour later, and never before it was seen twice', async () => {
  let now = 1_700_000_000_000;
  const store = new MemoryStore();
  await using lab = await openLab(store, { now: () => now });
  const cut = await lab.repository.saveCatalog(catalog(noise('cut', 9 * MIB)), call);
  store.objects.delete(cut.object);
  const stale = (): number => store.names(`${cut.object}.`).length;
  expect(stale()).toBe(2);
  await lab.repository.saveCatalog(catalog(noise('next', 50)), call);
  now += 10 * 60_000;
  await lab.repository.saveCatalog(catalog(noise('soon', 50)), call);
  expect(stale()).toBe(2);
  now += 61 * 60_000;
  await lab.repository.saveCatalog(catalog(noise('later', 50)), call);
  expect(stale()).toBe(0);
  expect((await lab.repository.check('fast', call)).damage).toEqual([]);
});

test('a writer whose parts were taken for leftovers takes its copy back and says so', async () => {
  const store = new MemoryStore();
  await using lab = await openLab(store);
  store.before = (operation, name) => {
    if (operation !== 'put' || !/^catalogs\/[0-9a-f]{32}\/[0-9a-f]{32}$/.test(name)) return;
    for (const part of store.names(`${name}.`)) store.objects.delete(part);
  };
  await expect(lab.repository.saveCatalog(catalog(noise('slow', 50)), call)).rejects.toMatchObject({
    code: 'TARGET_IO',
  });
  expect(store.names('catalogs/')).toEqual([]);
});

test('an answer that was lost does not lose the copy, and leaves no second one', async () => {
  const store = new MemoryStore();
  await using lab = await openLab(store);
  let failures = 0;
  store.after = (name) => {
    if (!name.startsWith('catalogs/') || failures >= 2) return;
    failures++;
    throw new HoldfastError('TARGET_UNREACHABLE', 'no answer came');
  };
  const saved = await lab.repository.saveCatalog(catalog(Buffer.from('once')), call);
  expect(failures).toBe(2);
  expect(Buffer.from(await lab.repository.readCatalog(saved.object, call)).toString()).toBe('once');
  expect(await lab.repository.catalogs(call)).toHaveLength(1);
});

test('a part that is missing, cut off, or put in the place of another is never read', async () => {
  const store = new MemoryStore();
  await using lab = await openLab(store);
  const saved = await lab.repository.saveCatalog(catalog(noise('parts', 17 * MIB)), call);
  const pristine = store.copy();
  const spoil: ((name: string) => void)[] = [
    (name) => void store.objects.delete(name),
    (name) => void store.objects.set(name, (pristine.objects.get(name) ?? Buffer.of()).subarray(0, 1000)),
    (name) => void store.objects.set(name, Buffer.of()),
    (name) => void store.objects.set(name, pristine.objects.get(`${saved.object}.1`) ?? Buffer.of()),
  ];
  for (const how of spoil) {
    how(`${saved.object}.0`);
    await expect(lab.repository.readCatalog(saved.object, call)).rejects.toMatchObject({ code: 'REPOSITORY_DAMAGED' });
    const { damage } = await lab.repository.check('fast', call);
    expect(damage).toMatchObject([{ object: `${saved.object}.0`, concerns: [] }]);
    for (const [name, bytes] of pristine.objects) store.objects.set(name, bytes);
  }
  expect((await lab.repository.check('full', call)).damage).toEqual([]);
});

test('a document that was moved to the folder of another installation is told, and no catalog', async () => {
  const store = new MemoryStore();
  await using lab = await openLab(store);
  const ours = await lab.repository.saveCatalog(catalog(Buffer.from('ours')), call);
  const theirs = await lab.repository.saveCatalog(catalog(Buffer.from('theirs'), other), call);
  const moved = `${theirs.object.slice(0, theirs.object.lastIndexOf('/'))}${ours.object.slice(ours.object.lastIndexOf('/'))}`;
  store.objects.set(moved, store.objects.get(ours.object) ?? Buffer.of());
  expect(await lab.repository.catalogs(call)).toHaveLength(2);
  expect((await lab.repository.check('fast', call)).damage).toMatchObject([{ object: moved, kind: 'damaged' }]);
});

test('names tell nothing of the installation, and what is stored nothing of the catalog', async () => {
  const store = new MemoryStore();
  await using lab = await openLab(store);
  await lab.repository.saveCatalog(catalog(Buffer.from('a machine called payroll '.repeat(100))), call);
  const all = store.names('catalogs/').map((name) => `${name}${Buffer.from(store.objects.get(name) ?? '').toString()}`);
  expect(all.join('')).not.toContain(site);
  expect(all.join('')).not.toContain('payroll');
});

test('what is not there is refused as such', async () => {
  await using lab = await openLab(new MemoryStore());
  for (const name of ['format.json', `catalogs/${'0'.repeat(32)}/${'1'.repeat(32)}`, 'catalogs/../format.json'])
    await expect(lab.repository.readCatalog(name, call)).rejects.toMatchObject({ code: 'CATALOG_SAVED_NONE' });
});
