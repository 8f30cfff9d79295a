import { makeCall } from '@holdfast/api';
import { expect, test } from 'vitest';
import { openLab, protect } from '../lab.ts';
import { sampleDisk } from '../sample-disks.ts';
import { MemoryStore } from '../stores.ts';

const call = makeCall();

test.each(['commits/', 'index/', 'manifests/', 'packs/'])(
  'a check during which somebody else commits finds no damage, even when the listing shows only the new %s',
  async (shown) => {
    const store = new MemoryStore();
    await using lab = await openLab(store);
    const checker = await lab.reopen(undefined, 'another process');
    await protect(lab, lab.repository, 'm1', { vda: sampleDisk('first', 512 * 1024) }, { takenAt: 0 });
    const listWhole = store.list.bind(store);
    let listings = 0;
    // A listing is not of one moment: what is put while it goes on may be in it or not.
    store.list = async function* (prefix) {
      if (prefix !== '') return yield* listWhole(prefix, call);
      const before = new Set(store.names());
      yield* listWhole(prefix, call);
      if (++listings > 1) return;
      await protect(lab, lab.repository, 'm1', { vda: sampleDisk('second', 512 * 1024) }, { takenAt: 1 });
      for await (const object of listWhole(prefix, call)) {
        if (!before.has(object.name) && object.name.startsWith(shown)) yield object;
      }
    };
    const report = await checker.check('fast', call);
    expect(report.damage).toEqual([]);
    expect(report.points).toBe(listings === 1 && shown !== 'commits/' ? 1 : 2);
  },
);
