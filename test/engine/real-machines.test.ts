import { appendFileSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plain } from '@holdfast/api';
import { afterEach, expect, test } from 'vitest';
import { toMain, Yard } from './yard.ts';

let yard: Yard;
afterEach(() => yard[Symbol.asyncDispose]());

/** A yard with lab machines on the KVM endpoint `kvm`: disks with a file system, filled from this project's own dependencies. */
async function openLab(place?: 'worker'): Promise<void> {
  yard = await Yard.open(place === undefined ? {} : { place });
  const folder = join(yard.folder, 'machines');
  await mkdir(folder);
  Object.assign(yard.config.config.endpoints, { kvm: { use: 'kvm', folder } });
  const from = [fileURLToPath(new URL('../../node_modules/typescript', import.meta.url))];
  await lab('lab.make', {
    name: 'lab',
    folder,
    size: '6MiB',
    system: false,
    from,
    fileSystem: 'auto',
    format: 'raw',
    seed: 1,
  });
}

async function lab(id: string, args: Readonly<Record<string, Plain>>): Promise<Plain> {
  const handler = await yard.host.command(id);
  return (await handler(args, yard.call())).data;
}

async function diskOf(name: string): Promise<string> {
  const machine = (await yard.engine.listMachines('kvm', yard.call())).find((found) => found.name === name);
  return machine?.disks[0]?.location ?? '';
}

const wish = { machine: 'kvm/lab', steps: toMain };

test('a lab machine is protected, changed, protected again and restored from both points, equal byte for byte', async () => {
  await openLab();
  const folder = join(yard.folder, 'machines');
  const disk = await diskOf('lab');
  const before = readFileSync(disk);
  const first = await yard.engine.protect(wish, yard.call());
  expect(first).toMatchObject({ state: 'done', error: null });
  await lab('lab.change', { name: 'lab', folder, percent: 5, seed: 7 });
  const after = readFileSync(disk);
  expect(before.equals(after)).toBe(false);
  const second = await yard.engine.protect(wish, yard.call());
  expect(second.state).toBe('done');
  const points = (await yard.catalog.points({})).toSorted((a, b) => a.takenAt - b.takenAt);
  expect(points).toHaveLength(2);
  // What did not change is not stored again.
  expect(points[1]?.storedBytes).toBeLessThan((points[0]?.storedBytes ?? 0) / 2);
  for (const [index, bytes] of [before, after].entries()) {
    const point = points[index];
    if (point === undefined) throw new Error('a restore point is missing');
    const run = await yard.engine.restore({ point, to: 'kvm', as: `lab-${index}` }, yard.call());
    expect(run).toMatchObject({ state: 'done', error: null });
    expect(bytes.equals(readFileSync(await diskOf(`lab-${index}`)))).toBe(true);
  }
  expect(await yard.engine.clean(yard.call())).toEqual([]);
});

test('a disk that is written while it is read is noticed, and no restore point is made of it', async () => {
  await openLab();
  const disk = await diskOf('lab');
  const log = (_level: string, message: string) => {
    if (message.startsWith('froze lab')) appendFileSync(disk, Buffer.alloc(512, 1));
  };
  const run = await yard.engine.protect(wish, yard.call({ log }));
  // Held as it is, the disk has changed its size or its stamp by every attempt; a copy that shares its blocks has not.
  if (run.state === 'done') return;
  expect(run).toMatchObject({ state: 'failed', error: { code: 'DISK_CHANGED' } });
  expect(run.result).toMatchObject({ failedAttempts: [{ attempt: 1 }, { attempt: 2 }, { attempt: 3 }] });
  expect(await yard.catalog.points({})).toEqual([]);
});

test('a disk that grew between two runs is protected at its new size and restored at it', async () => {
  await openLab();
  await yard.engine.protect(wish, yard.call());
  const disk = await diskOf('lab');
  const grown = readFileSync(disk).length + 1024 * 1024;
  truncateSync(disk, grown);
  const run = await yard.engine.protect(wish, yard.call());
  expect(run.state).toBe('done');
  const newest = (await yard.catalog.points({})).toSorted((a, b) => b.takenAt - a.takenAt)[0];
  expect(newest?.sizeBytes).toBe(grown);
});

test('a machine folder that vanishes in mid-run fails the run with a clear error and leaves no restore point', async () => {
  await openLab();
  const log = (_level: string, message: string) => {
    if (message.startsWith('froze lab')) rmSync(join(yard.folder, 'machines', 'lab'), { recursive: true });
  };
  const run = await yard.engine.protect(wish, yard.call({ log }));
  expect(run.state).toBe('failed');
  expect(['MACHINE_NOT_FOUND', 'DISK_UNREADABLE', 'DISK_CHANGED']).toContain(run.error?.code);
  expect(run.error?.remedy).toBeTruthy();
  expect(await yard.catalog.points({})).toEqual([]);
  expect(await yard.catalog.jobs.openIntents()).toEqual([]);
});
