import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type Call, makeCall } from '@holdfast/api';
import { describe, expect, it } from 'vitest';
import { Plane } from '../../../core/repository/data/plane.ts';
import type { DataPlane } from '../../../core/repository/data-plane.ts';
import { sealDocument } from '../../../core/repository/documents/sealed-document.ts';
import { changedDisk, noise, rawImage, sampleDisk } from '../sample-disks.ts';
import { MemoryStore } from '../stores.ts';
import {
  expectRestored,
  newLease,
  openPlaneLab,
  restoreDisk,
  secrets,
  smallSuite,
  writeDisk,
  writeDisks,
} from './plane-lab.ts';

const MiB = 1024 * 1024;
const packBytes = 256 * 1024;
const call = makeCall();
const small = { suite: smallSuite, packBytes };

const indexObjects = (store: MemoryStore) =>
  new Map(store.names('index/').map((name) => [name, Buffer.from(store.objects.get(name) ?? [])]));

function tombstone(store: MemoryStore, epoch: number, packs: readonly string[]): void {
  const name = `tombstones/${String(epoch).padStart(12, '0')}`;
  const keys = { repositoryId: smallSuite.repositoryId, secrets };
  store.objects.set(name, sealDocument(name, { version: 1, epoch, packs, writtenAt: 0 }, keys));
}

const packsOf = (store: MemoryStore): string[] => store.names('packs/').map((name) => name.slice('packs/ab/'.length));

describe('the table of ids, when it is full', () => {
  it('is emptied into an index run as often as it must, and nothing is lost or stored twice', async () => {
    const store = new MemoryStore();
    await using lab = await openPlaneLab(store, small);
    const options = { store, secrets, workers: 2, level: 1, ...small };
    const tiny = new Plane({ ...options, cacheFolder: join(lab.folder, 'tiny') }, join(lab.folder, 'tiny'), 64);
    try {
      const disk = noise('rotation', 8 * MiB);
      const first = await writeDisk(lab, tiny, Buffer.concat([disk, disk]));
      expect(first.runs.length).toBeGreaterThan(1);
      expect(store.names('index/').length).toBe(first.runs.length);
      expect(first.moved.newBytes).toBeLessThan(disk.length * 1.1);
      await expectRestored(lab, tiny, first.contents, Buffer.concat([disk, disk]));
      const again = await writeDisk(lab, tiny, Buffer.concat([disk, disk]));
      expect(again.moved.newBytes).toBe(0);
      const rebuilt = await tiny.rebuild([first.lease, again.lease], call);
      expect(rebuilt).toEqual({ runs: first.runs.length, repaired: 0 });
    } finally {
      await tiny.close();
    }
  });
});

describe('several writers at once on one data plane', () => {
  it('each get what is theirs', async () => {
    const store = new MemoryStore();
    await using lab = await openPlaneLab(store, { ...small, workers: 2 });
    const disks = ['a', 'b', 'c'].map((name) => Buffer.concat([noise('common', MiB), sampleDisk(name, 2 * MiB)]));
    const written = await Promise.all(disks.map((disk) => writeDisk(lab, lab.plane, disk)));
    expect(new Set(written.flatMap(({ runs }) => runs)).size).toBe(3);
    await Promise.all(disks.map((disk, i) => expectRestored(lab, lab.plane, written[i]?.contents ?? fail(), disk)));
  });

  it('share packs among the disks of one restore point', async () => {
    const store = new MemoryStore();
    await using lab = await openPlaneLab(store, small);
    const disks = [noise('one', 50_000), noise('two', 50_000), noise('three', 50_000), Buffer.alloc(0)];
    const { written } = await writeDisks(lab, lab.plane, disks);
    expect(store.names('packs/').length).toBeLessThanOrEqual(2);
    for (const [i, disk] of disks.entries()) {
      await expectRestored(lab, lab.plane, written[i]?.contents ?? fail(), disk);
    }
  });
});

function fail(): never {
  throw new Error('nothing was written');
}

describe('an index that is damaged or gone', () => {
  it('does not matter for reading, nor for finding what is there already', async () => {
    const store = new MemoryStore();
    await using lab = await openPlaneLab(store, small);
    const disk = sampleDisk('no index', 3 * MiB);
    const { contents } = await writeDisk(lab, lab.plane, disk);
    const [name = ''] = store.names('index/');
    const damaged = Buffer.from(store.objects.get(name) ?? []);
    damaged.writeUInt8(damaged.readUInt8(40) ^ 1, 40);
    const states: [string, () => void][] = [
      ['damaged', () => store.objects.set(name, damaged)],
      ['empty', () => store.objects.set(name, new Uint8Array(0))],
      ['gone', () => store.objects.delete(name)],
    ];
    for (const [state, bring] of states) {
      bring();
      const plane = await lab.open({}, `cache of ${state}`);
      const warnings: string[] = [];
      await plane.refresh(makeCall({ log: (_level, text) => void warnings.push(text) }));
      if (state !== 'gone') expect(warnings.join()).toContain(name);
      await expectRestored(lab, plane, contents, disk);
      expect((await writeDisk(lab, plane, disk)).moved.newBytes).toBe(0);
    }
  });

  it('comes back identical from the packs', async () => {
    const store = new MemoryStore();
    await using lab = await openPlaneLab(store, small);
    const one = await writeDisk(lab, lab.plane, sampleDisk('one', 2 * MiB));
    const two = await writeDisk(lab, lab.plane, sampleDisk('two', 2 * MiB));
    const before = indexObjects(store);
    expect(before.size).toBe(2);
    const [first = '', second = ''] = before.keys();
    store.objects.delete(first);
    store.objects.set(second, Buffer.from('not an index run'));
    store.objects.set(`index/${'ab'.repeat(16)}`, Buffer.from('nor is this'));
    const leases = [one.lease, two.lease];
    expect(await lab.plane.rebuild(leases, call)).toEqual({ runs: 2, repaired: 3 });
    expect(indexObjects(store)).toEqual(before);
    expect(await lab.plane.rebuild(leases, call)).toEqual({ runs: 2, repaired: 0 });
  });

  it('keeps what writers at work have put, when it is rebuilt', async () => {
    const store = new MemoryStore();
    await using lab = await openPlaneLab(store, small);
    const one = await writeDisk(lab, lab.plane, sampleDisk('one', MiB));
    await writeDisk(lab, lab.plane, sampleDisk('other', MiB));
    const before = indexObjects(store);
    expect(await lab.plane.rebuild([one.lease], call)).toEqual({ runs: 1, repaired: 0 });
    expect(indexObjects(store)).toEqual(before);
  });
});

describe('the cache on this machine', () => {
  const cacheFiles = async (folder: string): Promise<string[]> => {
    const names = await readdir(join(folder, 'cache'), { recursive: true });
    return names.filter((name) => name.endsWith('.run')).map((name) => join(folder, 'cache', name));
  };

  it('may be deleted or damaged at any time: it is made anew, and never makes a chunk appear that is not there', async () => {
    const store = new MemoryStore();
    await using lab = await openPlaneLab(store, small);
    const disk = sampleDisk('cache', 3 * MiB);
    const { contents } = await writeDisk(lab, lab.plane, disk);
    for (const path of await cacheFiles(lab.folder)) {
      const bytes = await readFile(path);
      for (let at = bytes.length - 5; at > bytes.length / 3; at -= 4000) bytes.writeUInt8(bytes.readUInt8(at) ^ 4, at);
      await writeFile(path, bytes);
    }
    const other = await lab.open();
    await other.refresh(call);
    await expectRestored(lab, other, contents, disk);
    // The one that had it open all the time.
    await expectRestored(lab, lab.plane, contents, disk);
    await rm(join(lab.folder, 'cache'), { recursive: true });
    const third = await lab.open();
    await third.refresh(call);
    await expectRestored(lab, third, contents, disk);
    expect((await writeDisk(lab, third, disk)).moved.newBytes).toBe(0);
  });

  it('is kept elsewhere when its folder cannot be written, and what dead processes left half made is cleared away', async () => {
    const store = new MemoryStore();
    await using lab = await openPlaneLab(store, small);
    const disk = sampleDisk('elsewhere', MiB);
    const { contents } = await writeDisk(lab, lab.plane, disk);
    await writeFile(join(lab.folder, 'a file'), '');
    const warnings: string[] = [];
    const plane = await lab.open({}, 'a file');
    await plane.refresh(makeCall({ log: (_level, text) => void warnings.push(text) }));
    expect(warnings.join()).toContain('a file');
    await expectRestored(lab, plane, contents, disk);
    const [file = ''] = await cacheFiles(lab.folder);
    const dead = `${file}.999999999.half`;
    const mine = `${file}.${process.pid}.half`;
    for (const path of [dead, mine]) await writeFile(path, 'half');
    await (await lab.open()).refresh(call);
    const names = await readdir(dirname(file));
    expect(names).toContain(basename(mine));
    expect(names).not.toContain(basename(dead));
  });

  it('of many small runs stays a few files', async () => {
    const store = new MemoryStore();
    await using lab = await openPlaneLab(store, small);
    const disks = Array.from({ length: 18 }, (_, i) => noise(`run ${i}`, 60_000));
    const written = [];
    for (const disk of disks) written.push(await writeDisk(lab, lab.plane, disk));
    await lab.plane.refresh(call);
    expect((await cacheFiles(lab.folder)).length).toBeLessThanOrEqual(11);
    for (const [i, disk] of disks.entries()) {
      await expectRestored(lab, lab.plane, written[i]?.contents ?? fail(), disk);
    }
    const { packs, chunks, uniqueBytes } = await lab.plane.totals();
    expect(packs).toBe(store.names('packs/').length);
    const fresh = await lab.open({}, 'fresh');
    await fresh.refresh(call);
    expect(await fresh.totals()).toEqual({ packs, chunks, uniqueBytes });
  });
});

describe('an index of which most is known', () => {
  it('is never fetched again, not even while another machine is at work whose packs no index run tells of yet', async () => {
    const store = new MemoryStore();
    await using lab = await openPlaneLab(store, small);
    const disks = ['one', 'two', 'three', 'four'].map((name) => sampleDisk(name, MiB));
    const first = await writeDisk(lab, lab.plane, disks[0] ?? fail());
    const fetched: string[] = [];
    store.before = (operation, name) => {
      if (operation === 'get' && name.startsWith('index/')) fetched.push(name);
    };
    const other = () => lab.open({}, 'another machine');
    await (await other()).refresh(call);
    expect(fetched.splice(0)).toEqual(first.runs.map((run) => `index/${run}`));
    // Not there yet: its writer has put packs, and no index run.
    const second = await writeDisk(lab, lab.plane, disks[1] ?? fail());
    for (const run of second.runs) store.objects.delete(`index/${run}`);
    const seeing = await other();
    await seeing.refresh(call);
    expect((await writeDisk(lab, seeing, disks[1] ?? fail())).moved.newBytes).toBe(0);
    expect(fetched.splice(0)).toEqual([]);
    // What this machine has put itself it need not fetch either.
    await writeDisk(lab, seeing, disks[2] ?? fail());
    await (await other()).refresh(call);
    expect(fetched.splice(0)).toEqual([]);
    const fourth = await writeDisk(lab, lab.plane, disks[3] ?? fail());
    fetched.splice(0);
    await (await other()).refresh(call);
    expect(fetched).toEqual(fourth.runs.map((run) => `index/${run}`));
  });
});

describe('packs that a collector removes', () => {
  it('count as absent for a writer as soon as a tombstone names them, and can still be read', async () => {
    const store = new MemoryStore();
    await using lab = await openPlaneLab(store, small);
    const disk = noise('tombstoned', 2 * MiB);
    const first = await writeDisk(lab, lab.plane, disk);
    const dying = packsOf(store).slice(0, 3);
    tombstone(store, 1, dying);
    await lab.plane.refresh(call);
    await expectRestored(lab, lab.plane, first.contents, disk);
    const second = await writeDisk(lab, lab.plane, disk);
    expect(second.moved.newBytes).toBeGreaterThan(0);
    expect(second.moved.newBytes).toBeLessThan(disk.length);
    for (const pack of dying) store.objects.delete(`packs/${pack.slice(0, 2)}/${pack}`);
    store.objects.delete(store.names('tombstones/')[0] ?? '');
    await lab.plane.refresh(call);
    await expectRestored(lab, lab.plane, second.contents, disk);
    // A tombstone that nobody with the key has written is no tombstone.
    store.objects.set('tombstones/000000000002', Buffer.from('forged'));
    expect((await writeDisk(lab, lab.plane, disk)).moved.newBytes).toBe(0);
  });

  it('and that are gone take what they held along, which is then named and never replaced by zeros', async () => {
    const store = new MemoryStore();
    await using lab = await openPlaneLab(store, small);
    const disk = noise('gone', 3 * MiB);
    const { contents } = await writeDisk(lab, lab.plane, disk);
    const [victim = ''] = store.names('packs/');
    store.objects.delete(victim);
    const plane = await lab.open({}, 'other');
    await plane.refresh(call);
    const { bytes, failure } = await restoreDisk(lab, plane, contents);
    expect(failure).toMatchObject({ code: 'REPOSITORY_DAMAGED' });
    const lost = await plane.verifyDisk(contents, call);
    const expected = Buffer.from(disk);
    for (const { offset, length } of lost) {
      expected.fill(0, offset, offset + length);
      await expect(read(plane, contents, offset, 1)).rejects.toMatchObject({ code: 'REPOSITORY_DAMAGED' });
    }
    expect(lost.length).toBeGreaterThan(0);
    expect(bytes.equals(expected)).toBe(true);
    for (const { id } of lost) expect(await plane.has(id)).toBe(false);
    // Written once more, all of it is there again.
    await writeDisk(lab, plane, disk);
    await expectRestored(lab, plane, contents, disk);
  });
});

async function read(
  plane: DataPlane,
  contents: Parameters<DataPlane['readDisk']>[0],
  offset: number,
  length: number,
  how: Call = call,
): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of plane.readDisk(contents, { offset, length }, how)) parts.push(part);
  return Buffer.concat(parts);
}

describe('reading a disk as a stream', () => {
  it('gives any range of it, zeros included', async () => {
    await using lab = await openPlaneLab(new MemoryStore(), small);
    const disk = Buffer.concat([sampleDisk('stream', 6 * MiB), Buffer.alloc(3 * MiB), noise('end', 12_345)]);
    const { contents } = await writeDisk(lab, lab.plane, disk);
    const ranges: [number, number][] = [
      [0, disk.length],
      [0, 1],
      [disk.length - 1, 1],
      [4095, 4098],
      [5 * MiB - 7, 3 * MiB],
      [disk.length - 5, 100],
      [disk.length, 10],
      [MiB, 0],
    ];
    for (const [offset, length] of ranges) {
      const expected = disk.subarray(offset, offset + length);
      expect((await read(lab.plane, contents, offset, length)).equals(expected), `${offset}+${length}`).toBe(true);
    }
  });

  it('stops when it is cancelled', async () => {
    await using lab = await openPlaneLab(new MemoryStore(), small);
    const { contents } = await writeDisk(lab, lab.plane, noise('cancel', 3 * MiB));
    const cancel = new AbortController();
    cancel.abort();
    const reading = read(lab.plane, contents, 0, 3 * MiB, makeCall({ signal: cancel.signal }));
    await expect(reading).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('gives the pieces of a disk in order, and they are those that the restore point was committed with', async () => {
    await using lab = await openPlaneLab(new MemoryStore(), small);
    const { contents } = await writeDisk(lab, lab.plane, sampleDisk('pieces', 4 * MiB));
    let chunks = 0;
    let bytes = 0;
    let at = 0;
    for await (const pieces of lab.plane.pieces(contents, call)) {
      for (const { offset, length, id } of pieces) {
        expect(offset).toBeGreaterThanOrEqual(at);
        expect(await lab.plane.has(id)).toBe(true);
        at = offset + length;
        bytes += length;
        chunks++;
      }
    }
    expect({ chunks, dataBytes: bytes }).toEqual({ chunks: contents.chunks, dataBytes: contents.dataBytes });
    const forged = { ...contents, root: '00'.repeat(32) };
    const readAll = async () => {
      for await (const _ of lab.plane.pieces(forged, call));
    };
    await expect(readAll()).rejects.toMatchObject({ code: 'REPOSITORY_DAMAGED' });
  });
});

describe('a data plane', () => {
  it('refuses what zstd would silently take for something else, and chunks that it cannot cut', async () => {
    await using lab = await openPlaneLab(new MemoryStore());
    for (const level of [-1, 0, 1.5, 20]) {
      await expect(lab.open({ level })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    }
    const chunker = { ...smallSuite.chunker, averageBytes: 50_000 };
    const suite = { ...smallSuite, chunker };
    await expect(lab.open({ suite })).rejects.toMatchObject({ code: 'REPOSITORY_NEWER' });
  });
});

describe('a write', () => {
  it('tells how far it has got, and holds to a limit', async () => {
    await using lab = await openPlaneLab(new MemoryStore(), small);
    const disk = noise('paced', 2 * MiB);
    const told: number[] = [];
    const watched = makeCall({ progress: ({ doneBytes }) => void told.push(doneBytes ?? 0) });
    const source = await rawImage(lab.folder, 'disk.raw', disk);
    const writer = lab.plane.openWriter(newLease());
    const { moved } = await writer.writeDisk(source, null, { limit: 4 * MiB }, watched);
    await writer.flush(watched);
    await writer.abandon();
    expect(told.at(-1)).toBe(disk.length);
    expect(told.toSorted((a, b) => a - b)).toEqual(told);
    // Four windows, each of which books its time: the last one may begin when those before it are over.
    expect(moved.durationMs).toBeGreaterThanOrEqual(370);
    expect(moved).toMatchObject({ readBytes: disk.length, newBytes: disk.length, zeroBytes: 0, duplicateBytes: 0 });
  });

  it('of a disk that changes while it is read is refused', async () => {
    await using lab = await openPlaneLab(new MemoryStore(), small);
    const source = await rawImage(lab.folder, 'disk.raw', noise('before', MiB));
    const writer = lab.plane.openWriter(newLease());
    const write = writer.writeDisk({ ...source, sizeBytes: 2 * MiB }, null, {}, call);
    await expect(write).rejects.toMatchObject({ code: 'DISK_CHANGED' });
    await writer.abandon();
  });

  it('under SHA-256 restores as well as under BLAKE3', async () => {
    await using lab = await openPlaneLab(new MemoryStore(), { ...small, suite: { ...smallSuite, hash: 'sha256' } });
    const disk = sampleDisk('sha256', 2 * MiB);
    const { disk: changed, extents } = changedDisk(disk, 'sha256', 4);
    const first = await writeDisk(lab, lab.plane, disk);
    const second = await writeDisk(lab, lab.plane, changed, { extents }, first.contents);
    await expectRestored(lab, lab.plane, second.contents, changed);
  });
});
