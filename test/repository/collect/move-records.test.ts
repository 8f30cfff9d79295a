import { makeCall } from '@holdfast/api';
import { expect, test } from 'vitest';
import { packName } from '../../../core/repository/data/packs/format.ts';
import { expectRestored, newLease, openPlaneLab, secrets, smallSuite, writeDisk } from '../data/plane-lab.ts';
import { noise, sampleDisk } from '../sample-disks.ts';
import { MemoryStore } from '../stores.ts';

const call = makeCall();
const MIB = 1024 * 1024;

const packsOf = (store: MemoryStore): string[] => store.names('packs/').map((name) => name.slice('packs/xx/'.length));

test('records that were moved restore from the new packs alone, by the new index run', async () => {
  const store = new MemoryStore();
  await using lab = await openPlaneLab(store, { suite: smallSuite });
  const disk = sampleDisk('moved', 3 * MIB);
  const { contents } = await writeDisk(lab, lab.plane, disk);
  const old = packsOf(store);
  const lease = newLease();
  const moved = await lab.plane.moveRecords({ lease, orders: old.map((pack) => ({ pack, ids: null })) }, call);
  expect(moved.lost).toEqual([]);
  expect(moved.packs.length).toBeGreaterThan(0);
  expect(moved.runs.length).toBe(1);
  for (const name of store.names('index/')) if (name !== `index/${moved.runs[0]}`) await store.remove(name, call);
  for (const pack of old) await store.remove(packName(pack), call);
  const other = await lab.open({}, 'another machine');
  await other.refresh(call);
  await expectRestored(lab, other, contents, disk);
  expect((await other.scan('full', call)).damage).toEqual([]);
  await lab.plane.refresh(call);
  await expectRestored(lab, lab.plane, contents, disk);
});

test('only the chunks that are named are moved, and those that a pack does not have are told', async () => {
  const store = new MemoryStore();
  await using lab = await openPlaneLab(store, { suite: smallSuite });
  const { contents } = await writeDisk(lab, lab.plane, noise('some', MIB));
  const page = Buffer.from(contents.map[0] ?? '', 'hex');
  const { orders, missing } = await lab.plane.groupByPack(Buffer.concat([page, Buffer.alloc(32, 9)]), call);
  expect(missing).toEqual(Uint8Array.from(Buffer.alloc(32, 9)));
  expect(orders).toHaveLength(1);
  const wanted = orders.map((order) => ({
    ...order,
    ids: Uint8Array.from(Buffer.concat([page, Buffer.alloc(32, 9)])),
  }));
  const moved = await lab.plane.moveRecords({ lease: newLease(), orders: wanted }, call);
  expect(moved.moved).toBe(1);
  expect(moved.lost.map(({ ids }) => Buffer.from(ids).toString('hex'))).toEqual(['09'.repeat(32)]);
});

test('a record that was damaged is never moved, and is named; all others are', async () => {
  const store = new MemoryStore();
  await using lab = await openPlaneLab(store, { suite: smallSuite });
  await writeDisk(lab, lab.plane, noise('damaged', MIB));
  const [pack = ''] = packsOf(store);
  const bytes = store.objects.get(packName(pack)) as Uint8Array;
  bytes[48 + 44 + 100] = (bytes[48 + 44 + 100] as number) ^ 1;
  const id = Buffer.from(bytes.subarray(48, 80));
  const moved = await lab.plane.moveRecords({ lease: newLease(), orders: [{ pack, ids: null }] }, call);
  expect(moved.moved).toBeGreaterThan(0);
  expect(moved.lost).toHaveLength(1);
  expect(Buffer.from(moved.lost[0]?.ids ?? []).equals(id)).toBe(true);
});

test('records are taken from another repository of the same family, under other data keys', async () => {
  const from = new MemoryStore();
  const to = new MemoryStore();
  await using source = await openPlaneLab(from, { suite: smallSuite });
  const relative = { ...smallSuite, repositoryId: 'ff'.repeat(16) };
  const others = { family: secrets.family, generations: { 1: Buffer.alloc(32, 7) }, current: 1 };
  await using destination = await openPlaneLab(to, { suite: relative, secrets: others });
  const disk = sampleDisk('travels', 2 * MIB);
  const { contents } = await writeDisk(source, source.plane, disk);
  await destination.plane.refresh(call);
  const orders = packsOf(from).map((pack) => ({ pack, ids: null }));
  const moved = await destination.plane.moveRecords(
    { lease: newLease(), orders, source: source.plane.asSource() },
    call,
  );
  expect(moved.lost).toEqual([]);
  await expectRestored(destination, destination.plane, contents, disk);
  expect((await destination.plane.scan('full', call)).damage).toEqual([]);
});

test('moving that is cancelled ends within a second, and the next one works', async () => {
  const store = new MemoryStore();
  await using lab = await openPlaneLab(store, { suite: smallSuite });
  await writeDisk(lab, lab.plane, noise('slow', 2 * MIB));
  const orders = packsOf(store).map((pack) => ({ pack, ids: null }));
  const stop = new AbortController();
  const slow = { lease: newLease(), orders, bytesPerSecond: 1000 };
  const moving = lab.plane.moveRecords(slow, makeCall({ signal: stop.signal }));
  setTimeout(() => stop.abort(), 50);
  await expect(moving).rejects.toMatchObject({ code: 'CANCELLED' });
  expect((await lab.plane.moveRecords({ lease: newLease(), orders }, call)).lost).toEqual([]);
});
