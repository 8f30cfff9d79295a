import { makeCall } from '@holdfast/api';
import { describe, expect, it } from 'vitest';
import { changedDisk, sampleDisk } from '../sample-disks.ts';
import { FolderStore, MemoryStore } from '../stores.ts';
import { expectRestored, openPlaneLab, smallSuite, writeDisk } from './plane-lab.ts';

const MiB = 1024 * 1024;

describe('a disk that was written', () => {
  it('comes back byte for byte from a store that only hands out bytes', async () => {
    await using lab = await openPlaneLab(new MemoryStore());
    const disk = sampleDisk('round', 9 * MiB);
    const { contents } = await writeDisk(lab, lab.plane, disk);
    await expectRestored(lab, lab.plane, contents, disk);
  });

  it('has the same chunks however many threads work on it', async () => {
    const disk = sampleDisk('threads', 9 * MiB);
    const roots = new Set<string>();
    for (const workers of [1, 2, 3]) {
      await using lab = await openPlaneLab(new MemoryStore(), { suite: smallSuite, workers });
      const { contents } = await writeDisk(lab, lab.plane, disk);
      roots.add(contents.root + contents.map.join());
    }
    expect(roots.size).toBe(1);
  });

  it('comes back in another process, from a store whose files are read directly', async () => {
    await using lab = await openPlaneLab(new MemoryStore());
    const store = new FolderStore(`${lab.folder}/store`);
    const first = await lab.open({ store }, 'first');
    const disk = sampleDisk('folder', 9 * MiB + 12_345);
    const { contents } = await writeDisk(lab, first, disk);
    const second = await lab.open({ store }, 'second');
    await second.refresh(makeCall());
    await expectRestored(lab, second, contents, disk);
  });

  it('comes back whatever its length is', async () => {
    await using lab = await openPlaneLab(new MemoryStore(), { suite: smallSuite });
    for (const size of [0, 1, 4095, 4096, 4097, MiB - 1, MiB, MiB + 1, 3 * MiB + 4097]) {
      const disk = sampleDisk('sizes', size);
      if (size > 0) disk.writeUInt8(7, size - 1);
      const { contents } = await writeDisk(lab, lab.plane, disk);
      expect(contents.sizeBytes).toBe(size);
      await expectRestored(lab, lab.plane, contents, disk);
    }
  });

  it('takes nothing but its map when it holds only zeros', async () => {
    await using lab = await openPlaneLab(new MemoryStore(), { suite: smallSuite });
    const { contents, moved } = await writeDisk(lab, lab.plane, Buffer.alloc(5 * MiB));
    expect(contents).toMatchObject({ chunks: 0, dataBytes: 0 });
    expect(moved.storedBytes).toBeLessThan(300);
    await expectRestored(lab, lab.plane, contents, Buffer.alloc(5 * MiB));
  });

  it('stores nothing the second time, and next to nothing when little has changed', async () => {
    await using lab = await openPlaneLab(new MemoryStore());
    const disk = sampleDisk('twice', 12 * MiB);
    const first = await writeDisk(lab, lab.plane, disk);
    const again = await writeDisk(lab, lab.plane, disk);
    expect(again.contents).toEqual(first.contents);
    expect(again.moved).toMatchObject({ newBytes: 0, storedBytes: 0 });
    expect(again).toMatchObject({ runs: [], storedBytes: 0 });
    const { disk: changed } = changedDisk(disk, 'twice', 3);
    const third = await writeDisk(lab, lab.plane, changed);
    expect(third.moved.newBytes).toBeLessThan(first.moved.newBytes / 5);
    await expectRestored(lab, lab.plane, third.contents, changed);
  });
});
