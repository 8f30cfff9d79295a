import { expect, test } from 'vitest';
import type { Catalog } from '../../core/catalog/contract.ts';
import { hostileStrings } from '../model/text/hostile-strings.ts';
import { machine, point } from './samples.ts';
import { sqliteBench } from './sqlite-bench.ts';

const make = sqliteBench((catalog: Catalog) => catalog);

test('machines are remembered as they were last seen, and those that are missing are marked as gone', async () => {
  await using bench = await make();
  const started = bench.clock.now();
  await bench.store.seenMachines('lab', [machine('m-1', 'erp'), machine('m-2', 'web')]);
  await bench.store.seenMachines('lon', [machine('m-1', 'other')]);
  bench.clock.advance(10);
  await bench.store.seenMachines('lab', [machine('m-1', 'erp-renamed')]);
  const [erp, web] = [
    { endpoint: 'lab', machine: machine('m-1', 'erp-renamed'), seenAt: started + 10, goneAt: null },
    { endpoint: 'lab', machine: machine('m-2', 'web'), seenAt: started, goneAt: started + 10 },
  ];
  expect(await bench.peer.machines({ endpoint: 'lab' })).toEqual([erp, web]);
  expect(await bench.peer.machines({ endpoint: 'lab', gone: false })).toEqual([erp]);
  expect(await bench.peer.machines({ gone: true })).toEqual([web]);
  expect(await bench.peer.machines({})).toHaveLength(3);
  bench.clock.advance(10);
  await bench.store.seenMachines('lab', []);
  bench.clock.advance(10);
  await bench.store.seenMachines('lab', [machine('m-2', 'web')]);
  expect(await bench.peer.machines({ endpoint: 'lab' })).toEqual([
    { ...erp, goneAt: started + 20 },
    { ...web, seenAt: started + 30, goneAt: null },
  ]);
});

test('restore points are listed newest first, by target, endpoint and machine', async () => {
  await using bench = await make();
  const [old, young, elsewhere] = [
    point('p1', { takenAt: 1 }),
    point('p2', { takenAt: 2, machine: 'm-2' }),
    point('p1', { takenAt: 1, target: 's3-fra', endpoint: 'lon' }),
  ];
  await bench.store.savePoints([old, young, elsewhere]);
  expect(await bench.peer.points({})).toEqual([young, old, elsewhere]);
  expect(await bench.peer.points({ target: 'disk-main' })).toEqual([young, old]);
  expect(await bench.peer.points({ machine: 'm-1' })).toEqual([old, elsewhere]);
  expect(await bench.peer.points({ machine: 'm-1', endpoint: 'lab' })).toEqual([old]);
  expect(await bench.peer.points({ machine: 'm-1', target: 's3-fra' })).toEqual([elsewhere]);
  expect(await bench.peer.points({ endpoint: 'lon' })).toEqual([elsewhere]);
  await bench.store.savePoints([{ ...old, machineName: 'renamed' }]);
  expect((await bench.peer.points({ machine: 'm-1', endpoint: 'lab' }))[0]?.machineName).toBe('renamed');
});

test('restore points are counted by machine, only those that are there', async () => {
  await using bench = await make();
  await bench.store.savePoints([
    point('p1', { takenAt: 1 }),
    point('p1', { takenAt: 1, target: 's3-fra' }),
    point('p2', { takenAt: 5, machine: 'm-2' }),
    point('p3', { takenAt: 7, machine: 'm-2' }),
    point('p4', { takenAt: 6, machine: 'm-2', endpoint: 'lon' }),
  ]);
  const gone = { point: 'p3', target: 'disk-main', state: 'missing', storedBytes: 1, seenAt: 1 } as const;
  await bench.store.setCopy(gone);
  expect(await bench.peer.pointCounts()).toEqual([
    { endpoint: 'lab', machine: 'm-1', points: 2, newestAt: 1 },
    { endpoint: 'lab', machine: 'm-2', points: 1, newestAt: 5 },
    { endpoint: 'lon', machine: 'm-2', points: 1, newestAt: 6 },
  ]);
});

test('an overview asks for sums of each target, for days of runs and for names, at any number of them', async () => {
  await using bench = await make();
  await bench.store.savePoints([
    point('p1', { takenAt: 1 }),
    point('p1', { takenAt: 1, target: 's3-fra' }),
    point('p2', { takenAt: 5 }),
  ]);
  const [stored] = await bench.peer.points({});
  const bytes = stored?.storedBytes ?? 0;
  expect((await bench.peer.pointSums()).toSorted((a, b) => (a.target < b.target ? -1 : 1))).toEqual([
    { target: 'disk-main', endpoint: 'lab', machine: 'm-1', points: 2, newestAt: 5, storedBytes: 2 * bytes },
    { target: 's3-fra', endpoint: 'lab', machine: 'm-1', points: 1, newestAt: 1, storedBytes: bytes },
  ]);
  await bench.store.seenMachines('lab', [
    machine('m-1', 'web'),
    { ...machine('m-2', 'db'), problem: '\u0001no\ud800' },
  ]);
  await bench.store.seenMachines('lab', [{ ...machine('m-2', 'db'), problem: '\u0001no\ud800' }]);
  expect(await bench.peer.machineNames()).toEqual([
    { endpoint: 'lab', machine: 'm-2', name: 'db', problem: '\u0001no\ud800', goneAt: null },
    { endpoint: 'lab', machine: 'm-1', name: 'web', problem: null, goneAt: bench.clock.now() },
  ]);
  expect(await bench.peer.runDays(0)).toEqual([]);
});

test('a restore point that was forgotten or is missing is no longer listed, but where it was is known', async () => {
  await using bench = await make();
  await bench.store.savePoints([point('p1'), point('p2')]);
  const copy = { point: 'p1', target: 'disk-main', storedBytes: 4_096, seenAt: bench.clock.now() };
  expect(await bench.peer.copies('p1')).toEqual([{ ...copy, state: 'present' }]);
  for (const state of ['forgotten', 'missing'] as const) {
    await bench.store.setCopy({ ...copy, state });
    expect((await bench.peer.points({})).map((one) => one.point)).toEqual(['p2']);
    const missing = (await bench.peer.missingPoints('m-1')).map((one) => one.point);
    expect(missing).toEqual(state === 'missing' ? ['p1'] : []);
    const forgotten = (await bench.peer.forgottenPoints('disk-main')).map((one) => one.point);
    expect(forgotten).toEqual(state === 'forgotten' ? ['p1'] : []);
    expect(await bench.peer.forgottenPoints('elsewhere')).toEqual([]);
    expect(await bench.peer.copies('p1')).toEqual([{ ...copy, state }]);
    // The repository holds it after all.
    await bench.store.savePoints([point('p1')]);
    expect(await bench.peer.points({})).toHaveLength(2);
  }
});

test('hostile names of machines come back as they were', async () => {
  await using bench = await make();
  const names = hostileStrings(300);
  await bench.store.seenMachines(
    '\0lab\ud800',
    names.map((name, n) => machine(`${n}${name}`, name)),
  );
  const there = await bench.peer.machines({ endpoint: '\0lab\ud800' });
  const byNumber = new Map(there.map((record) => [record.machine.id, record]));
  for (const [n, name] of names.entries())
    expect(byNumber.get(`${n}${name}`)?.machine).toEqual(machine(`${n}${name}`, name));
});

test('2,000 machines are remembered and found again', async () => {
  await using bench = await make();
  const machines = Array.from({ length: 2_000 }, (_, n) => machine(`m-${n}`, `web-${String(n).padStart(5, '0')}`));
  await bench.store.seenMachines('lab', machines);
  expect((await bench.peer.machines({})).map((record) => record.machine)).toEqual(machines);
});

test('a value that is no plain data is refused, and nothing of the call is stored', async () => {
  await using bench = await make();
  for (const tag of [new Date(), () => 'gold'])
    for (const catalog of [bench.store, bench.peer]) {
      const odd = { ...machine('m-2'), tags: [tag] as unknown as string[] };
      await expect(catalog.seenMachines('lab', [machine('m-1'), odd])).rejects.toMatchObject({ code: 'PLUGIN_FAILED' });
    }
  expect(await bench.peer.machines({})).toEqual([]);
});
