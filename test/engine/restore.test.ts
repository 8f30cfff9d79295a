import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PointSummary } from '@holdfast/api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { noise, toMain, Yard } from './yard.ts';

let yard: Yard;
let web: string;
beforeAll(async () => {
  yard = await Yard.open();
});
afterAll(() => yard[Symbol.asyncDispose]());

const disks = { vda: noise(2_500_000, 1), vdb: Buffer.concat([Buffer.alloc(1_000_000), noise(48_576, 2)]) };
const points = async () => (await yard.engine.listPoints('main', yard.call())).filter(({ machine }) => machine === web);

async function protectedMachine(): Promise<PointSummary> {
  web = yard.next(disks);
  await yard.engine.protect({ machine: web, steps: toMain }, yard.call());
  const [point] = await points();
  if (point === undefined) throw new Error('nothing was protected');
  return point;
}

const machines = async () => (await yard.engine.listMachines('fleet', yard.call())).map(({ name }) => name);

test('a machine is restored as a new one, byte for byte, and is the user’s afterwards', async () => {
  const point = await protectedMachine();
  const run = await yard.engine.restore({ point, to: 'fleet', as: `${web}-r` }, yard.call());
  expect(run).toMatchObject({ kind: 'restore', state: 'done', machineName: `${web}-r` });
  const id = yard.idOf(`${web}-r`) ?? '';
  expect(run.result).toMatchObject({
    machine: id,
    moves: [
      { from: 'main', to: 'fleet' },
      { from: 'main', to: 'fleet' },
    ],
  });
  for (const [key, bytes] of Object.entries(disks)) expect(bytes.equals(yard.readDisk(id, key))).toBe(true);
  expect(yard.left()).toEqual([]);
  expect(await yard.engine.clean(yard.call())).toEqual([]);
  expect(await machines()).toEqual(expect.arrayContaining([web, `${web}-r`]));
});

test('a name that is taken is refused before anything is made', async () => {
  const point = await protectedMachine();
  await expect(yard.engine.restore({ point, to: 'fleet', as: web }, yard.call())).rejects.toMatchObject({
    code: 'NAME_TAKEN',
  });
  await expect(yard.engine.planRestore({ point, to: 'fleet', as: web }, yard.call())).rejects.toMatchObject({
    code: 'NAME_TAKEN',
  });
  expect(await yard.catalog.jobs.list({ machine: web })).toHaveLength(1);
  expect(await machines()).toEqual([web]);
});

test('a restore that fails half way removes what it had made and can be retried', async () => {
  const point = await protectedMachine();
  yard.fail({ closeSink: { code: 'DISK_SPACE', times: 1 } });
  const failed = await yard.engine.restore({ point, to: 'fleet', as: `${web}-r` }, yard.call());
  expect(failed).toMatchObject({ state: 'failed', error: { code: 'DISK_SPACE' } });
  expect(await machines()).toEqual([web]);
  expect((await yard.engine.retry(failed.id, yard.call())).state).toBe('done');
  expect(await machines()).toHaveLength(2);
});

test('a restore that fails after it handed the machine over finds it again instead of complaining about the name', async () => {
  const point = await protectedMachine();
  yard.fail({ adopted: { code: 'ENDPOINT_UNREACHABLE', times: 1 } });
  const run = await yard.engine.restore({ point, to: 'fleet', as: `${web}-r` }, yard.call());
  expect(run).toMatchObject({ state: 'done', result: { machine: yard.idOf(`${web}-r`) } });
  expect(await machines()).toHaveLength(2);
  expect(yard.left()).toEqual([]);
});

test('a plan of a restore says how much will be written and makes nothing', async () => {
  const point = await protectedMachine();
  const plan = await yard.engine.planRestore({ point, to: 'fleet', as: `${web}-r` }, yard.call());
  expect(plan).toMatchObject({ endpoint: 'fleet', machineName: `${web}-r`, writeBytes: 3_548_576, expires: [] });
  expect(plan.steps.map(({ title }) => title)).toEqual([`write ${web} as ${web}-r to fleet`]);
  expect(await machines()).toEqual([web]);
});

test('a restore point that does not exist and an endpoint that is misspelt are refused by name', async () => {
  const point = await protectedMachine();
  const gone = { ...point, point: '0'.repeat(32) };
  await expect(yard.engine.restore({ point: gone, to: 'fleet', as: 'r' }, yard.call())).rejects.toMatchObject({
    code: 'POINT_NOT_FOUND',
  });
  await expect(yard.engine.restore({ point, to: 'fleat', as: 'r' }, yard.call())).rejects.toMatchObject({
    code: 'ENDPOINT_NOT_FOUND',
    remedy: expect.stringContaining('did you mean fleet?'),
  });
});

test('the newest restore point of a machine is never forgotten, and then none of those named is', async () => {
  const point = await protectedMachine();
  await yard.engine.protect({ machine: web, steps: toMain }, yard.call());
  const [newest] = await points();
  const both = [point.point, newest?.point ?? ''];
  await expect(yard.engine.forgetPoints('main', both, 'test', yard.call())).rejects.toMatchObject({
    code: 'POINT_NEWEST',
  });
  expect(await points()).toHaveLength(2);
  const gone = await yard.engine.forgetPoints('main', [point.point], 'test', yard.call());
  expect(gone.map((forgotten) => forgotten.point)).toEqual([point.point]);
  expect(await points()).toHaveLength(1);
  await expect(yard.engine.forgetPoints('main', [point.point], 'test', yard.call())).rejects.toMatchObject({
    code: 'POINT_NOT_FOUND',
  });
});

/** Flips a bit in the middle of the biggest pack: one chunk is lost. */
function damage(): void {
  const packs = join(yard.folder, 'disk/packs');
  const files = readdirSync(packs, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted((a, b) => statSync(b).size - statSync(a).size);
  const path = files[0] ?? '';
  const bytes = readFileSync(path);
  const at = Math.floor(bytes.length / 2);
  bytes.writeUInt8(bytes.readUInt8(at) ^ 4, at);
  writeFileSync(path, bytes);
}

test('of a damaged restore point nothing is left standing, unless someone asks for what can be had: then it fails all the same and all else is there', async () => {
  const point = await protectedMachine();
  damage();
  const refused = await yard.engine.restore({ point, to: 'fleet', as: `${web}-r` }, yard.call());
  expect(refused).toMatchObject({ state: 'failed', error: { code: 'REPOSITORY_DAMAGED' } });
  expect(refused.error?.remedy).toContain('--even-damaged');
  expect(await machines()).not.toContain(`${web}-r`);

  const kept = await yard.engine.restore({ point, to: 'fleet', as: `${web}-d`, evenDamaged: true }, yard.call());
  expect(kept).toMatchObject({ state: 'failed', error: { code: 'REPOSITORY_DAMAGED' } });
  const [, length, offset] = /(\d+) bytes of a disk are lost, at (\d+)/.exec(kept.error?.message ?? '') ?? [];
  expect(Number(length)).toBeGreaterThan(0);
  const id = yard.idOf(`${web}-d`) ?? '';
  const [from, to] = [Number(offset), Number(offset) + Number(length)];
  let lost = 0;
  for (const [key, bytes] of Object.entries(disks)) {
    const back = yard.readDisk(id, key);
    if (bytes.equals(back)) continue;
    lost += 1;
    expect(bytes.subarray(0, from).equals(back.subarray(0, from))).toBe(true);
    expect(bytes.subarray(to).equals(back.subarray(to))).toBe(true);
  }
  expect(lost).toBe(1);
  expect(yard.left()).toEqual([]);
});
