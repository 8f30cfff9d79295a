import type { Worker } from 'node:worker_threads';
import { HoldfastError, makeCall, type PutOptions } from '@holdfast/api';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { noise, rawImage, sampleDisk } from '../sample-disks.ts';
import { MemoryStore } from '../stores.ts';
import { expectRestored, newLease, openPlaneLab, type PlaneLab, smallSuite, writeDisk } from './plane-lab.ts';

const MiB = 1024 * 1024;
const packBytes = 256 * 1024;

/** A store whose puts of packs can be made to fail, to be slow or to be watched. */
class FaultyStore extends MemoryStore {
  puts = 0;
  /** Bytes of bodies that are being put at this moment, and the most that ever were. */
  movingBytes = 0;
  mostMovingBytes = 0;
  /** What happens to the n-th put of a pack, from 1; nothing by default. */
  fault: (n: number, name: string, body: Uint8Array) => void | Promise<void> = () => {};

  override async put(name: string, body: Uint8Array, how: PutOptions, call: Parameters<MemoryStore['put']>[3]) {
    if (!name.startsWith('packs/')) return super.put(name, body, how, call);
    this.movingBytes += body.buffer.byteLength;
    this.mostMovingBytes = Math.max(this.mostMovingBytes, this.movingBytes);
    try {
      await this.fault(++this.puts, name, body);
      return await super.put(name, body, how, call);
    } finally {
      this.movingBytes -= body.buffer.byteLength;
    }
  }
}

const threads: Worker[] = [];
const note = (thread: Worker): void => {
  threads.push(thread);
  thread.once('exit', () => threads.splice(threads.indexOf(thread), 1));
};
process.on('worker', note);

const store = new FaultyStore();
let lab: PlaneLab;

beforeAll(async () => {
  lab = await openPlaneLab(store, { suite: smallSuite, packBytes, workers: 2 });
});
beforeEach(() => {
  store.objects.clear();
  store.puts = 0;
  store.mostMovingBytes = 0;
  store.fault = () => {};
  store.before = () => {};
});
afterAll(() => lab[Symbol.asyncDispose]());

describe('a target that fails', () => {
  it.each(['TARGET_FULL', 'TARGET_READ_ONLY', 'TARGET_IO'] as const)(
    'with %s ends the write with that error at whatever put; once it works again the next write succeeds',
    async (code) => {
      const disk = noise('target', 2 * MiB);
      for (const nth of [1, 2, 4]) {
        store.puts = 0;
        store.fault = (n) => {
          if (n >= nth) throw new HoldfastError(code, 'made to fail');
        };
        await expect(writeDisk(lab, lab.plane, disk)).rejects.toMatchObject({ code });
        expect(store.names('index/')).toEqual([]);
        expect(store.movingBytes).toBe(0);
      }
      store.fault = () => {};
      const { contents } = await writeDisk(lab, lab.plane, disk);
      await expectRestored(lab, lab.plane, contents, disk);
    },
  );

  it('makes everything that follows fail with the same error, and a flush commits nothing', async () => {
    store.fault = () => {
      throw new HoldfastError('TARGET_FULL', 'made to fail');
    };
    const source = await rawImage(lab.folder, 'disk.raw', noise('full', 2 * MiB));
    const writer = lab.plane.openWriter(newLease());
    for (let attempt = 0; attempt < 2; attempt++) {
      const write = writer.writeDisk(source, null, {}, makeCall());
      await expect(write).rejects.toMatchObject({ code: 'TARGET_FULL' });
    }
    await expect(writer.flush(makeCall())).rejects.toMatchObject({ code: 'TARGET_FULL' });
    await writer.abandon();
    await writer.abandon();
    expect(store.names()).toEqual([]);
  });

  it('for a moment is given the very same bytes once more', async () => {
    const seen = new Map<string, string>();
    store.fault = (n, name, body) => {
      const bytes = Buffer.from(body).toString('latin1');
      expect(seen.get(name) ?? bytes).toBe(bytes);
      seen.set(name, bytes);
      if (n === 2) throw new HoldfastError('TIMEOUT', 'made to fail');
    };
    const disk = sampleDisk('moment', 2 * MiB);
    const { contents } = await writeDisk(lab, lab.plane, disk);
    expect(store.puts).toBe(store.names('packs/').length + 1);
    await expectRestored(lab, lab.plane, contents, disk);
  });

  it('that says it failed although it stored the pack is believed by its bytes', async () => {
    store.fault = (n, name, body) => {
      if (n !== 1) return;
      store.objects.set(name, Uint8Array.from(body));
      throw new HoldfastError('TARGET_UNREACHABLE', 'made to fail after the fact');
    };
    const disk = sampleDisk('after the fact', 2 * MiB);
    const { contents, runs } = await writeDisk(lab, lab.plane, disk);
    expect(runs).toHaveLength(1);
    await expectRestored(lab, lab.plane, contents, disk);
  });

  it('that holds another object under the name of a pack is not believed: the chunks go into another pack', async () => {
    store.fault = (n, name) => {
      if (n !== 1) return;
      store.objects.set(name, Buffer.from('of somebody else'));
      throw new HoldfastError('TIMEOUT', 'made to fail');
    };
    const disk = noise('foreign', 2 * MiB);
    const { contents } = await writeDisk(lab, lab.plane, disk);
    await expectRestored(lab, lab.plane, contents, disk);
  });

  it('to take one pack for good has all its chunks put again in other packs', async () => {
    const refused: string[] = [];
    store.fault = (n, name) => {
      if (n !== 1 && n !== 3) return;
      refused.push(name);
      throw new HoldfastError('OBJECT_EXISTS', 'made to fail');
    };
    const disk = noise('refused', 4 * MiB);
    const { contents } = await writeDisk(lab, lab.plane, disk);
    expect(refused).toHaveLength(2);
    for (const name of refused) expect(store.objects.has(name)).toBe(false);
    await expectRestored(lab, lab.plane, contents, disk);
  });

  it('is not overrun when it is slow: no more packs are in memory than there may be', async () => {
    store.fault = () => new Promise((resolve) => setTimeout(resolve, 30));
    const disk = noise('slow', 3 * MiB);
    const { contents } = await writeDisk(lab, lab.plane, disk);
    expect(store.puts).toBeGreaterThan(8);
    // One for each of two threads, and one more; a pack for the longest chunk may be larger than packs usually are.
    expect(store.mostMovingBytes).toBeLessThanOrEqual(3 * (packBytes + MiB / 4));
    await expectRestored(lab, lab.plane, contents, disk);
  });
});

describe('a worker thread that dies', () => {
  it('in the midst of a disk costs nothing: what it had is read again', async () => {
    for (const nth of [1, 3, 6]) {
      const from = store.puts;
      let dead = 0;
      store.fault = (n) => {
        if (n !== from + nth) return;
        dead++;
        void threads.at(-1)?.terminate();
      };
      const disk = noise(`death ${nth}`, 5 * MiB);
      const { contents } = await writeDisk(lab, lab.plane, disk);
      expect(dead).toBe(1);
      await expectRestored(lab, lab.plane, contents, disk);
      expect((await lab.plane.scan('full', makeCall())).damage).toEqual([]);
    }
  });

  it('with chunks of a disk that is finished makes the restore point fail, for they cannot be read again', async () => {
    const source = await rawImage(lab.folder, 'disk.raw', noise('pledged', 100_000));
    const writer = lab.plane.openWriter(newLease());
    await writer.writeDisk(source, null, {}, makeCall());
    await Promise.all(threads.map((thread) => thread.terminate()));
    await expect(writer.flush(makeCall())).rejects.toMatchObject({ code: 'WORKER_LOST' });
    await writer.abandon();
    expect(store.names('index/')).toEqual([]);
  });

  it('again and again ends the write instead of going on for ever', async () => {
    store.fault = async () => {
      await Promise.all(threads.map((thread) => thread.terminate()));
    };
    const write = writeDisk(lab, lab.plane, noise('for ever', 5 * MiB));
    await expect(write).rejects.toMatchObject({ code: 'WORKER_LOST' });
  });

  it('while a disk is restored costs nothing either', async () => {
    const disk = noise('restored', 5 * MiB);
    const { contents } = await writeDisk(lab, lab.plane, disk);
    let gets = 0;
    store.before = (operation) => {
      if (operation === 'get' && ++gets === 4) void threads.at(-1)?.terminate();
    };
    await expectRestored(lab, lab.plane, contents, disk);
    expect(gets).toBeGreaterThan(4);
  });
});

describe('a write that is cancelled', () => {
  it('stops at once, leaves nothing half there, and the next one succeeds', async () => {
    const disk = noise('cancelled', 6 * MiB);
    for (const nth of [1, 4]) {
      const cancel = new AbortController();
      const from = store.puts;
      store.fault = (n) => {
        if (n === from + nth) cancel.abort();
      };
      const source = await rawImage(lab.folder, 'disk.raw', disk);
      const writer = lab.plane.openWriter(newLease());
      const call = makeCall({ signal: cancel.signal });
      await expect(writer.writeDisk(source, null, {}, call)).rejects.toMatchObject({ code: 'CANCELLED' });
      await expect(writer.flush(makeCall())).rejects.toMatchObject({ code: 'CANCELLED' });
      await writer.abandon();
    }
    expect(store.names('index/')).toEqual([]);
    expect((await lab.plane.scan('fast', makeCall())).damage).toEqual([]);
    store.fault = () => {};
    const { contents } = await writeDisk(lab, lab.plane, disk);
    await expectRestored(lab, lab.plane, contents, disk);
  });

  it('stops where there is nothing to put, and its threads live on for others', async () => {
    const disk = noise('paced', 2 * MiB);
    await writeDisk(lab, lab.plane, disk);
    const before = [...threads];
    const cancel = new AbortController();
    const source = await rawImage(lab.folder, 'disk.raw', disk);
    const writer = lab.plane.openWriter(newLease());
    const call = makeCall({ signal: cancel.signal, progress: () => cancel.abort() });
    const write = writer.writeDisk(source, null, { limit: 100_000 }, call);
    await expect(write).rejects.toMatchObject({ code: 'CANCELLED' });
    await writer.abandon();
    await writeDisk(lab, lab.plane, noise('the next', 10_000));
    expect(threads).toEqual(before);
  });

  it('stops although the target does not answer', async () => {
    const cancel = new AbortController();
    const hung = new AbortController();
    store.fault = () => {
      cancel.abort();
      return new Promise((_, reject) => hung.signal.addEventListener('abort', () => reject(hung.signal.reason)));
    };
    const source = await rawImage(lab.folder, 'disk.raw', noise('hung', 3 * MiB));
    const writer = lab.plane.openWriter(newLease());
    const call = makeCall({ signal: cancel.signal });
    await expect(writer.writeDisk(source, null, {}, call)).rejects.toMatchObject({ code: 'CANCELLED' });
    hung.abort();
    await writer.abandon();
  });
});
