import { makeCall } from '@holdfast/api';
import { expect, test } from 'vitest';
import { openLab, protect } from '../lab.ts';
import { sampleDisk } from '../sample-disks.ts';
import { MemoryStore } from '../stores.ts';

const call = makeCall();

test('a check while others write finds no damage in what they have not finished or just have', async () => {
  const store = new MemoryStore();
  await using lab = await openLab(store);
  const checker = await lab.reopen(undefined, 'another process');
  await protect(lab, lab.repository, 'm1', { vda: sampleDisk('vda 0', 512 * 1024) }, { takenAt: 0 });
  let isWriting = true;
  const writing = async (): Promise<void> => {
    for (let at = 1; at <= 12; at++) {
      await protect(lab, lab.repository, 'm1', { vda: sampleDisk(`vda ${at}`, 512 * 1024) }, { takenAt: at });
    }
    isWriting = false;
  };
  // A listing that takes its time, and shows things in an order of its own, as clouds do.
  store.list = async function* (prefix) {
    const names = this.names(prefix);
    for (const [at, name] of names.entries()) {
      if (at % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      const object = this.objects.get(name);
      if (object !== undefined) yield { name, sizeBytes: object.length, modifiedAt: 0 };
    }
    // What was put since the call began may or may not be listed.
    for (const name of this.names(prefix).reverse()) {
      const sizeBytes = this.objects.get(name)?.length ?? 0;
      if (!names.includes(name) && sizeBytes % 3 > 0) yield { name, sizeBytes, modifiedAt: 0 };
    }
  };
  let checks = 0;
  const checking = async (): Promise<void> => {
    while (isWriting) {
      expect((await checker.check('fast', call)).damage).toEqual([]);
      checks++;
    }
  };
  await Promise.all([writing(), checking()]);
  expect(checks).toBeGreaterThan(0);
  const last = await checker.check('full', call);
  expect(last).toMatchObject({ points: 13, damage: [] });
});
