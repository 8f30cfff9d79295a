import { describe, expect, test } from 'vitest';
import { restoreDisk } from '../lab.ts';
import { actOn, bytesOf, call, damagedObjects, flip, isWhole, openRepairLab, type RepairLab } from './repair-lab.ts';

/** Ways to break a pack; each answers nothing and leaves the pack damaged. */
const breaks: Readonly<Record<string, (lab: RepairLab, pack: string) => void>> = {
  'a bit flipped in a record': ({ store }, pack) => flip(store, pack, 48 + 44 + 100),
  'a bit flipped in the header of a record': ({ store }, pack) => flip(store, pack, 48 + 33),
  'a bit flipped in its header': ({ store }, pack) => flip(store, pack, 20),
  'a bit flipped in its checksum': ({ store }, pack) => flip(store, pack, bytesOf(store, pack).length - 1),
  'its second half cut off': ({ store }, pack) => {
    const bytes = bytesOf(store, pack);
    store.objects.set(pack, bytes.subarray(0, bytes.length >> 1));
  },
  'its footer cut off': ({ store }, pack) => {
    const bytes = bytesOf(store, pack);
    store.objects.set(pack, bytes.subarray(0, bytes.length - 30));
  },
  'no byte left in it': ({ store }, pack) => store.objects.set(pack, Buffer.alloc(0)),
  'bytes of somebody else in it': ({ store }, pack) => store.objects.set(pack, Buffer.from('of somebody else')),
};

describe('a pack with', () => {
  test.each(Object.keys(breaks))(
    '%s is salvaged; the next increment brings back what it lost, and old restore points are whole again',
    async (how) => {
      await using broken = await openRepairLab();
      const { store, repository, disk, point, packs, again } = broken;
      const pack = packs[1] ?? '';
      breaks[how]?.(broken, pack);
      const found = await repository.check('fast', call);
      expect(damagedObjects(found)).toContain(pack);
      const lost = found.damage.flatMap(({ concerns }) => concerns);
      const before = await restoreDisk(broken.lab, repository, point, 'vda');
      if (lost.length > 0) {
        expect(before.failure).toMatchObject({ code: 'REPOSITORY_DAMAGED' });
        expect(String(before.failure)).toContain(`${lost[0]?.offset}+`);
        const should = Buffer.from(disk);
        for (const { offset, length } of lost) should.fill(0, offset, offset + length);
        expect(before.bytes.equals(should)).toBe(true);
      } else expect(before.failure).toBeNull();

      const plan = await repository.planRepair('fast', call);
      expect(actOn(plan, pack)).toMatchObject({ act: 'salvage' });
      const report = await repository.repair(plan, call);
      expect(report.done.map(({ object }) => object)).toContain(pack);
      // Nothing is removed: what is condemned can still be read.
      expect(store.objects.has(pack)).toBe(true);
      expect(lost.length > 0).toBe(report.lostChunks > 0);

      const second = await again(2, undefined, disk);
      expect((await repository.check('full', call)).damage).toEqual([]);
      expect(await isWhole(broken, point, disk)).toBe(true);
      expect(await isWhole(broken, second, disk)).toBe(true);
      // A process that has never seen it says the same.
      const fresh = await broken.lab.reopen(undefined, 'another cache');
      expect((await fresh.check('full', call)).damage).toEqual([]);
      expect(await isWhole({ lab: broken.lab, repository: fresh }, point, disk)).toBe(true);

      await repository.collect({ waitMs: 0 }, call);
      await fresh.close();
      await repository.collect({ waitMs: 0 }, call);
      expect(store.objects.has(pack)).toBe(false);
      expect((await repository.check('full', call)).damage).toEqual([]);
      expect(await isWhole(broken, point, disk)).toBe(true);
    },
  );
});
