import { HoldfastError, makeCall } from '@holdfast/api';
import { describe, expect, it } from 'vitest';
import { startInlineLane } from '../../../../core/repository/data/lanes/inline-lane.ts';
import { Thread } from '../../../../core/repository/data/lanes/thread-pool.ts';
import { sampleDisk } from '../../sample-disks.ts';
import { MemoryStore } from '../../stores.ts';
import { expectRestored, openPlaneLab, secrets, smallSuite, suite, writeDisk } from '../plane-lab.ts';

const MiB = 1024 * 1024;
const start = { suite, secrets, level: 1 };

describe('a data plane without threads', () => {
  it('makes the same chunks of a disk as one with threads, and gives it back byte for byte', async () => {
    const disk = sampleDisk('inline', 5 * MiB);
    const roots = new Set<string>();
    for (const workers of [0, 2]) {
      await using lab = await openPlaneLab(new MemoryStore(), { suite: smallSuite, workers });
      const { contents } = await writeDisk(lab, lab.plane, disk);
      roots.add(contents.root + contents.map.join());
      await expectRestored(lab, lab.plane, contents, disk);
      expect((await lab.plane.scan('full', makeCall())).damage).toEqual([]);
    }
    expect(roots.size).toBe(1);
  });

  it('fails with what the target failed with, and the next write succeeds', async () => {
    const store = new MemoryStore();
    await using lab = await openPlaneLab(store, { suite: smallSuite, workers: 0 });
    const disk = sampleDisk('inline', 2 * MiB);
    store.before = (operation) => {
      if (operation === 'put') throw new HoldfastError('TARGET_FULL', 'no room left');
    };
    await expect(writeDisk(lab, lab.plane, disk)).rejects.toMatchObject({ code: 'TARGET_FULL' });
    store.before = () => {};
    const { contents } = await writeDisk(lab, lab.plane, disk);
    await expectRestored(lab, lab.plane, contents, disk);
  });

  it('refuses less than no threads', async () => {
    await expect(openPlaneLab(new MemoryStore(), { workers: -1 })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});

describe('a lane in the thread that asks', () => {
  it('gets copies, and memory that is handed over is gone for who hands it over', async () => {
    const thread = new Thread(startInlineLane(start), {}, () => {});
    const memory = new ArrayBuffer(16);
    await expect(thread.ask('cache.totals', { version: 0, files: [] }, [memory])).resolves.toBeDefined();
    expect(memory.detached).toBe(true);
    await thread.end();
  });

  it('that is ended answers nobody any more: who waits is told, and so is who asks later', async () => {
    let ended = 0;
    const lane = startInlineLane(start);
    const thread = new Thread(lane, { locate: () => new Promise(() => {}) }, () => ended++);
    const waiting = thread.ask('pack.headers', ['0'.repeat(32)]);
    thread.giveUp();
    await expect(waiting).rejects.toMatchObject({ code: 'WORKER_LOST' });
    await expect(thread.ask('pack.headers', [])).rejects.toMatchObject({ code: 'WORKER_LOST' });
    expect(thread.isDead).toBe(true);
    expect(ended).toBe(1);
  });
});
