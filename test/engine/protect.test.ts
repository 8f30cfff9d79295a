import { rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CallOptions, isHoldfastError, type Progress } from '@holdfast/api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { noise, toMain, Yard } from './yard.ts';

let yard: Yard;
let web: string;
beforeAll(async () => {
  yard = await Yard.open();
});
afterAll(() => yard[Symbol.asyncDispose]());

const MiB = 1024 * 1024;
/** Puts a machine of its own into the yard, for one test. */
function machine(disks: Readonly<Record<string, Uint8Array>>, more: Readonly<Record<string, unknown>> = {}): void {
  web = yard.next(disks);
  yard.addMachine(web, {}, more);
  yard.openFleet({});
}
const protect = (options: CallOptions = {}) => yard.engine.protect({ machine: web, steps: toMain }, yard.call(options));
const newest = async () => {
  const [point] = await (await yard.repository()).points({ machine: web }, yard.call());
  if (point === undefined) throw new Error('nothing was protected');
  return point;
};
const reasonsOf = async (run: string) =>
  (await yard.catalog.jobs.reasons(run)).map(({ decision, because }) => `${decision}: ${because}`);

async function stored(point: string, disk: string): Promise<Buffer> {
  const repository = await yard.repository();
  const pieces: Uint8Array[] = [];
  for await (const piece of repository.read(point, disk, null, yard.call())) pieces.push(piece);
  return Buffer.concat(pieces);
}

test('a machine is protected: its restore point holds every byte of both disks, and nothing is left in the world', async () => {
  const [vda, vdb] = [noise(3 * MiB, 1), noise(MiB + 4096, 2)];
  machine({ vda, vdb });
  const run = await protect();
  expect(run).toMatchObject({ state: 'done', error: null, machineName: web, attempts: 1 });
  const [point] = await yard.catalog.points({ machine: web });
  expect(run.result).toMatchObject({ point: { point: point?.point, target: 'main' }, expired: [] });
  expect(vda.equals(await stored(point?.point ?? '', 'vda'))).toBe(true);
  expect(vdb.equals(await stored(point?.point ?? '', 'vdb'))).toBe(true);
  expect(yard.left()).toEqual([]);
  expect(await yard.catalog.jobs.openIntents()).toEqual([]);
  expect(await yard.catalog.leases.slots()).toEqual([]);
});

test('the record of a run tells what each step did, why, and what was moved', async () => {
  machine({ vda: noise(2 * MiB, 1) }, { power: 'on' });
  const shown: Progress[] = [];
  const run = await protect({ progress: (progress) => shown.push(progress) });
  const steps = await yard.catalog.jobs.steps(run.id);
  expect(steps.map(({ use, state }) => `${use} ${state}`)).toEqual(['snapshot done', 'proxy done']);
  expect(await reasonsOf(run.id)).toEqual([
    'snapshot with nothing quiesced: the workflow says quiesce: none',
    'full read of vda: there is no earlier restore point of this machine on the target',
  ]);
  expect(run.result).toMatchObject({
    disks: { vda: { readBytes: 2 * MiB } },
    moves: [{ disk: 'vda', from: 'fleet', to: 'main' }],
  });
  const log = (await yard.catalog.jobs.logLines(run.id, 100)).map(({ text }) => text);
  expect(log).toContain(`released the snapshot of ${web}`);
  expect(shown.at(-1)).toMatchObject({ phase: 'reading disk vda', doneBytes: 2 * MiB, totalBytes: 2 * MiB });
});

test('where changes are tracked only they are read again, and the reason names them', async () => {
  const before = noise(12 * MiB, 1);
  machine({ vda: before });
  yard.openFleet({ tracks: true });
  await protect();
  const after = Buffer.from(before);
  noise(70_000, 9).copy(after, 6 * MiB + 100);
  yard.writeDisk(web, 'vda', after);
  const run = await protect();
  expect(run.state).toBe('done');
  // A little more is read than has changed, until chunks meet those of before.
  const isLittle = expect.toSatisfy((bytes: number) => bytes >= 131_072 && bytes < MiB);
  expect(run.result).toMatchObject({ disks: { vda: { readBytes: isLittle } } });
  expect((await reasonsOf(run.id)).at(-1)).toContain('incremental read of vda: the hypervisor knows the 1 parts');
  expect(after.equals(await stored((await newest()).point, 'vda'))).toBe(true);
});

test('when the tracking of changes was lost, the whole disk is read and the reason says so', async () => {
  machine({ vda: noise(MiB, 1) });
  yard.openFleet({ tracks: true });
  await protect();
  rmSync(join(yard.folder, 'fleet', 'tokens'), { recursive: true });
  const run = await protect();
  expect(run.state).toBe('done');
  expect((await reasonsOf(run.id)).at(-1)).toBe('full read of vda: the tracking of changes was reset');
});

test('a disk that grew between two runs is read whole although changes are tracked', async () => {
  machine({ vda: noise(MiB, 1) });
  yard.openFleet({ tracks: true });
  await protect();
  const grown = noise(2 * MiB, 3);
  yard.writeDisk(web, 'vda', grown);
  const run = await protect();
  expect(run.state).toBe('done');
  expect((await reasonsOf(run.id)).at(-1)).toContain('its size changed from 1048576 to 2097152 bytes');
  const { point, sizeBytes } = await newest();
  expect(sizeBytes).toBe(2 * MiB);
  expect(grown.equals(await stored(point, 'vda'))).toBe(true);
});

test('one snapshot can be read into two targets', async () => {
  await yard.addTarget('second');
  machine({ vda: noise(MiB, 1) });
  const steps = [...toMain, { use: 'proxy', settings: { to: 'second' } }];
  const run = await yard.engine.protect({ machine: web, steps }, yard.call());
  expect(run.state).toBe('done');
  expect((await yard.catalog.points({ machine: web })).map(({ target }) => target).toSorted()).toEqual([
    'main',
    'second',
  ]);
});

test('a workflow that would keep nothing is refused, because it would look as if it protected', async () => {
  machine({ vda: noise(4096, 1) });
  const refused = yard.engine.protect({ machine: web, steps: toMain.slice(0, 1) }, yard.call());
  await expect(refused).rejects.toMatchObject({ code: 'WORKFLOW_INVALID' });
  expect(await yard.catalog.jobs.list({ machine: web })).toEqual([]);
});

test('a machine that cannot be protected as it stands is refused with the reason before a run is made', async () => {
  machine({ vda: noise(4096, 1) }, { problem: 'its disk is shared with another machine' });
  await expect(protect()).rejects.toMatchObject({
    code: 'MACHINE_UNPROTECTABLE',
    message: `${web} cannot be protected: its disk is shared with another machine`,
  });
  expect(await yard.catalog.jobs.list({ machine: web })).toEqual([]);
});

test('a workflow that asks for more than the hypervisor’s sheet says it can do is refused before anything is frozen', async () => {
  machine({ vda: noise(4096, 1) });
  const folder = join(yard.folder, 'machines');
  await mkdir(folder);
  Object.assign(yard.config.config.endpoints, { kvm: { use: 'kvm', folder } });
  await writeFile(join(folder, 'lab.raw'), noise(65_536, 1));
  const steps = [{ use: 'snapshot', settings: { quiesce: 'application' } }, ...toMain.slice(1)];
  const refused = { code: 'QUIESCE_UNAVAILABLE', message: 'kvm cannot quiesce guests as far as application' };
  const asked = { machine: 'kvm/lab', steps };
  await expect(yard.engine.planProtect(asked, yard.call())).rejects.toMatchObject(refused);
  await expect(yard.engine.protect(asked, yard.call())).rejects.toMatchObject(refused);
  expect(await yard.catalog.jobs.list({ machine: 'kvm/lab' })).toEqual([]);
});

test('a machine that someone protects for the first time by a name of control characters and quotes is data all the way', async () => {
  machine({});
  const name = "x'; rm -rf / #\u001b[2J../\u202eok";
  yard.addMachine('m1', { vda: noise(8192, 1) }, { name });
  const run = await yard.engine.protect({ machine: name, steps: toMain }, yard.call());
  expect(run.state).toBe('done');
  expect(run.machineName).toBe(name);
  const log = (await yard.catalog.jobs.logLines(run.id, 100)).map(({ text }) => text).join('\n');
  expect([...log].filter((char) => char < ' ' && char !== '\n')).toEqual([]);
  await expect(yard.engine.protect({ machine: '../m1', steps: toMain }, yard.call())).rejects.toSatisfy((problem) =>
    isHoldfastError(problem, 'MACHINE_NOT_FOUND'),
  );
});
