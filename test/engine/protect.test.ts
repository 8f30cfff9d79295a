import { readFileSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isHoldfastError, type Progress } from '@holdfast/api';
import { afterEach, expect, test } from 'vitest';
import { noise, toMain, Yard } from './yard.ts';

let yard: Yard;
afterEach(() => yard[Symbol.asyncDispose]());

const MiB = 1024 * 1024;
const wish = { machine: 'web01', steps: toMain };
const reasonsOf = async (run: string) =>
  (await yard.catalog.jobs.reasons(run)).map(({ decision, because }) => `${decision}: ${because}`);

async function stored(point: string, disk: string): Promise<Buffer> {
  const repository = await yard.repository();
  const pieces: Uint8Array[] = [];
  for await (const piece of repository.read(point, disk, null, yard.call())) pieces.push(piece);
  return Buffer.concat(pieces);
}

test('a machine is protected: its restore point holds every byte of both disks, and nothing is left in the world', async () => {
  yard = await Yard.open();
  const [vda, vdb] = [noise(3 * MiB, 1), noise(MiB + 4096, 2)];
  yard.addMachine('web01', { vda, vdb });
  const run = await yard.engine.protect(wish, yard.call());
  expect(run).toMatchObject({ state: 'done', error: null, machineName: 'web01', attempts: 1 });
  const [point] = await yard.catalog.points({ machine: 'web01' });
  expect(run.result).toMatchObject({ point: { point: point?.point, target: 'main' }, expired: [] });
  expect(vda.equals(await stored(point?.point ?? '', 'vda'))).toBe(true);
  expect(vdb.equals(await stored(point?.point ?? '', 'vdb'))).toBe(true);
  expect(yard.left()).toEqual([]);
  expect(await yard.catalog.jobs.openIntents()).toEqual([]);
  expect(await yard.catalog.leases.slots()).toEqual([]);
});

test('the record of a run tells what each step did, why, and what was moved', async () => {
  yard = await Yard.open();
  yard.addMachine('web01', { vda: noise(2 * MiB, 1) }, { power: 'on' });
  const shown: Progress[] = [];
  const run = await yard.engine.protect(wish, yard.call({ progress: (progress) => shown.push(progress) }));
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
  expect(log).toContain('released the snapshot of web01');
  expect(shown.at(-1)).toMatchObject({ phase: 'reading disk vda', doneBytes: 2 * MiB, totalBytes: 2 * MiB });
});

test('where changes are tracked only they are read again, and the reason names them', async () => {
  yard = await Yard.open();
  yard.openFleet({ tracks: true });
  const before = noise(12 * MiB, 1);
  yard.addMachine('web01', { vda: before });
  await yard.engine.protect(wish, yard.call());
  const after = Buffer.from(before);
  noise(70_000, 9).copy(after, 6 * MiB + 100);
  yard.writeDisk('web01', 'vda', after);
  const run = await yard.engine.protect(wish, yard.call());
  expect(run.state).toBe('done');
  // Reading goes by windows of 4 MiB; two of three are not looked at.
  expect(run.result).toMatchObject({ disks: { vda: { readBytes: 4 * MiB } } });
  expect((await reasonsOf(run.id)).at(-1)).toContain('incremental read of vda: the hypervisor knows the 1 parts');
  const [newest] = await (await yard.repository()).points({ machine: 'web01' }, yard.call());
  expect(after.equals(await stored(newest?.point ?? '', 'vda'))).toBe(true);
});

test('when the tracking of changes was lost, the whole disk is read and the reason says so', async () => {
  yard = await Yard.open();
  yard.openFleet({ tracks: true });
  yard.addMachine('web01', { vda: noise(MiB, 1) });
  await yard.engine.protect(wish, yard.call());
  rmSync(join(yard.folder, 'fleet', 'tokens'), { recursive: true });
  const run = await yard.engine.protect(wish, yard.call());
  expect(run.state).toBe('done');
  expect((await reasonsOf(run.id)).at(-1)).toBe('full read of vda: the tracking of changes was reset');
});

test('a disk that grew between two runs is read whole although changes are tracked', async () => {
  yard = await Yard.open();
  yard.openFleet({ tracks: true });
  yard.addMachine('web01', { vda: noise(MiB, 1) });
  await yard.engine.protect(wish, yard.call());
  const grown = noise(2 * MiB, 3);
  yard.writeDisk('web01', 'vda', grown);
  const run = await yard.engine.protect(wish, yard.call());
  expect(run.state).toBe('done');
  expect((await reasonsOf(run.id)).at(-1)).toContain('its size changed from 1048576 to 2097152 bytes');
  const [newest] = await (await yard.repository()).points({ machine: 'web01' }, yard.call());
  expect(newest?.sizeBytes).toBe(2 * MiB);
  expect(grown.equals(await stored(newest?.point ?? '', 'vda'))).toBe(true);
});

test('a plan says what would be read and why, guesses the time until it has seen a run, and changes nothing', async () => {
  yard = await Yard.open();
  yard.addMachine('web01', { vda: noise(3 * MiB, 1) }, { power: 'on' });
  const first = await yard.engine.planProtect(wish, yard.call());
  expect(first.steps.map(({ title }) => title)).toEqual([
    'snapshot web01, nothing quiesced',
    'read 1 disk of web01 into main',
  ]);
  expect(first.readBytes).toBe(3 * MiB);
  expect(first.steps.flatMap(({ slots }) => slots)).toEqual(['snapshot:fleet', 'stream:main']);
  expect(first.warnings).toEqual([
    'web01 is running and is not quiesced: a restore will be as after a power cut',
    'no earlier run from fleet to main: the time is a guess',
  ]);
  expect(readFileSync(join(yard.folder, 'fleet', 'calls.log'), 'utf8')).not.toContain('snapshot');
  expect(await yard.catalog.jobs.list({})).toEqual([]);
  await yard.engine.protect(wish, yard.call());
  const second = await yard.engine.planProtect(wish, yard.call());
  expect(second.warnings).not.toContain('no earlier run from fleet to main: the time is a guess');
  expect(second.writeBytes).toBeLessThan(first.writeBytes);
});

test('retention forgets what no rule keeps after each run, says why, and the plan foretells it', async () => {
  let now = Date.UTC(2026, 0, 1, 12);
  yard = await Yard.open({ now: () => now, config: { keep: { main: { last: 2 } } }, timing: { leaseMs: 1e12 } });
  const disk = noise(MiB, 1);
  yard.addMachine('web01', { vda: disk });
  const points: string[] = [];
  for (let day = 0; day < 2; day += 1) {
    now += 86_400_000;
    disk.writeUInt32LE(day, 4096 * day);
    yard.writeDisk('web01', 'vda', disk);
    const run = await yard.engine.protect(wish, yard.call());
    expect(run.error).toBeNull();
    points.push((await yard.catalog.points({})).toSorted((a, b) => b.takenAt - a.takenAt)[0]?.point ?? '');
  }
  now += 86_400_000;
  const plan = await yard.engine.planProtect(wish, yard.call());
  expect(plan.expires.map(({ point }) => point)).toEqual([points[0]]);
  const run = await yard.engine.protect(wish, yard.call());
  expect(run.result).toMatchObject({ expired: [points[0]] });
  const left = await (await yard.repository()).points({}, yard.call());
  expect(left).toHaveLength(2);
  expect(left.map(({ point }) => point)).not.toContain(points[0]);
  const reasons = await reasonsOf(run.id);
  expect(reasons.some((line) => line.startsWith('keep 2 restore points on main: 2026-01-04 12:00 UTC (newest'))).toBe(
    true,
  );
  expect(reasons.at(-1)).toBe(
    `forget restore point ${points[0]} of 2026-01-02 12:00 UTC: no rule of retention last 2 of main keeps it`,
  );
  expect(await yard.catalog.copies(points[0] ?? '')).toMatchObject([{ state: 'forgotten' }]);
});

test('one snapshot can be read into two targets', async () => {
  yard = await Yard.open();
  await yard.addTarget('second');
  yard.addMachine('web01', { vda: noise(MiB, 1) });
  const steps = [...toMain, { use: 'proxy', settings: { to: 'second' } }];
  const run = await yard.engine.protect({ machine: 'web01', steps }, yard.call());
  expect(run.state).toBe('done');
  expect((await yard.catalog.points({})).map(({ target }) => target).toSorted()).toEqual(['main', 'second']);
});

test('a workflow that would keep nothing is refused, because it would look as if it protected', async () => {
  yard = await Yard.open();
  yard.addMachine('web01', { vda: noise(4096, 1) });
  const refused = yard.engine.protect({ machine: 'web01', steps: toMain.slice(0, 1) }, yard.call());
  await expect(refused).rejects.toMatchObject({ code: 'WORKFLOW_INVALID' });
  expect(await yard.catalog.jobs.list({})).toEqual([]);
});

test('a machine that cannot be protected as it stands is refused with the reason before a run is made', async () => {
  yard = await Yard.open();
  yard.addMachine('web01', { vda: noise(4096, 1) }, { problem: 'its disk is shared with another machine' });
  await expect(yard.engine.protect(wish, yard.call())).rejects.toMatchObject({
    code: 'MACHINE_UNPROTECTABLE',
    message: 'web01 cannot be protected: its disk is shared with another machine',
  });
  expect(await yard.catalog.jobs.list({})).toEqual([]);
});

test('a workflow that asks for more than the hypervisor’s sheet says it can do is refused before anything is frozen', async () => {
  yard = await Yard.open();
  yard.addMachine('web01', { vda: noise(4096, 1) });
  const folder = join(yard.folder, 'machines');
  await mkdir(folder);
  Object.assign(yard.config.config.endpoints, { kvm: { use: 'kvm', folder } });
  await writeFile(join(folder, 'lab.raw'), noise(65_536, 1));
  const steps = [{ use: 'snapshot', settings: { quiesce: 'application' } }, ...toMain.slice(1)];
  const refused = { code: 'QUIESCE_UNAVAILABLE', message: 'kvm cannot quiesce guests as far as application' };
  const asked = { machine: 'kvm/lab', steps };
  await expect(yard.engine.planProtect(asked, yard.call())).rejects.toMatchObject(refused);
  await expect(yard.engine.protect(asked, yard.call())).rejects.toMatchObject(refused);
  expect(await yard.catalog.jobs.list({})).toEqual([]);
});

test('a restore point that has vanished from the repository is noted and told, and the machine is still protected', async () => {
  yard = await Yard.open();
  yard.addMachine('web01', { vda: noise(MiB, 1) });
  await yard.engine.protect(wish, yard.call());
  const [lost] = await yard.catalog.points({});
  for (const folder of ['commits', 'manifests']) rmSync(join(yard.folder, 'disk', folder), { recursive: true });
  await yard.reopenRepository();
  const run = await yard.engine.protect(wish, yard.call());
  expect(run.state).toBe('done');
  expect(await yard.catalog.copies(lost?.point ?? '')).toMatchObject([{ state: 'missing' }]);
  expect(yard.lines.join('\n')).toContain(`restore point ${lost?.point} was on main and is not there any more`);
});

test('a machine that someone protects for the first time by a name of control characters and quotes is data all the way', async () => {
  yard = await Yard.open();
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
