import { describe, expect, test } from 'vitest';
import { DerivedKeys } from '../../../core/repository/data/hash/derived-keys.ts';
import { openKeyedHash } from '../../../core/repository/data/hash/keyed-hash.ts';
import { decodeRun, encodeRun, indexName, type PackList } from '../../../core/repository/data/index/run-object.ts';
import { parseFormat } from '../../../core/repository/format/repository-format.ts';
import { readKeys } from '../../../core/repository/keys/key-ring.ts';
import { unlockKeys } from '../../../core/repository/keys/unlock.ts';
import { passphrase, protect } from '../lab.ts';
import { actOn, bytesOf, call, isWhole, openRepairLab, type RepairLab } from './repair-lab.ts';

/** Writes all index runs anew, with what they list changed: sealed with the right key, as a writer with a bug would. */
async function lie(broken: RepairLab, change: (lists: PackList[]) => PackList[]): Promise<string[]> {
  const { store } = broken;
  const { suite, sha256 } = parseFormat(bytesOf(store, 'format.json'));
  const ring = await readKeys(store, suite.repositoryId, call);
  const { secrets } = await unlockKeys(ring, { passphrase }, sha256, call);
  const keys = new DerivedKeys(suite, secrets);
  const hash = openKeyedHash(suite.hash, keys.idKey);
  const names: string[] = [];
  for (const name of store.names('index/')) {
    const lists = decodeRun(name.slice('index/'.length), bytesOf(store, name), keys, hash);
    if (typeof lists === 'string') throw new Error(lists);
    store.objects.delete(name);
    const { run, bytes } = encodeRun(change(lists), secrets.current, keys, hash);
    store.objects.set(indexName(run), bytes);
    names.push(indexName(run));
  }
  return names;
}

/** What each pack lists, given to the next one. */
function exchanged(lists: PackList[]): PackList[] {
  return lists.map(({ pack }, at) => ({
    pack,
    list: (lists[(at + 1) % lists.length] ?? lists[0])?.list ?? Buffer.alloc(0),
  }));
}

/** Ids of neighbours exchanged: all sizes are as they were, only the chunks are not where they are said to be. */
function shifted(lists: PackList[]): PackList[] {
  return lists.map(({ pack, list }) => {
    const other = Buffer.from(list);
    const count = list.length / 48;
    for (let at = 0; at < count; at++) list.copy(other, at * 48, ((at + 1) % count) * 48, ((at + 1) % count) * 48 + 32);
    return { pack, list: other };
  });
}

describe('an index that', () => {
  test('was put back from yesterday, and lists packs that are gone, is not believed', async () => {
    await using broken = await openRepairLab();
    const { lab, store, repository, disk, point, packs } = broken;
    const yesterday = new Map(store.names('index/').map((name) => [name, bytesOf(store, name)]));
    // Since then the restore point was forgotten, and a collector has removed what only it had.
    const two = Buffer.from(disk).fill(0x31, 0, disk.length >> 1);
    const newest = (await protect(lab, repository, 'm1', { vda: two }, { takenAt: 2 })).point;
    await repository.forget([point], 'test', call);
    await repository.close();
    const other = await lab.reopen(undefined, 'collector');
    for (let round = 0; round < 3; round++) await other.collect({ waitMs: 0, repackBelow: 0.99 }, call);
    expect(packs.some((pack) => !store.objects.has(pack))).toBe(true);
    for (const [name, bytes] of yesterday) store.objects.set(name, bytes);
    // Somebody who knows nothing but what lies in the store protects the very same disk again.
    const fresh = await lab.reopen(undefined, 'fresh');
    const again = (await protect(lab, fresh, 'm2', { vda: disk }, { takenAt: 3 })).point;
    expect(await isWhole({ lab, repository: fresh }, again, disk)).toBe(true);
    expect(await isWhole({ lab, repository: fresh }, newest, two)).toBe(true);
    const report = await fresh.check('full', call);
    expect(report.damage.every(({ kind, concerns }) => kind === 'stale' && concerns.length === 0)).toBe(true);
    await fresh.repair(await fresh.planRepair('fast', call), call);
    expect((await fresh.check('full', call)).damage).toEqual([]);
    expect(await isWhole({ lab, repository: fresh }, again, disk)).toBe(true);
  });

  test.each([
    ['the packs of other chunks', exchanged],
    ['the places of other chunks', shifted],
  ])('names %s is found out: restores go by the packs, and nothing new is built upon it', async (_what, change) => {
    await using broken = await openRepairLab();
    const { lab, store, disk, point } = broken;
    const names = await lie(broken, change);
    const fresh = await lab.reopen(undefined, 'fresh');
    expect(await isWhole({ lab, repository: fresh }, point, disk)).toBe(true);
    const second = (await protect(lab, fresh, 'm2', { vda: disk }, { takenAt: 2 })).point;
    expect(await isWhole({ lab, repository: fresh }, second, disk)).toBe(true);
    const plan = await fresh.planRepair('fast', call);
    for (const name of names) expect(actOn(plan, name)).toMatchObject({ act: 'rebuild' });
    await fresh.repair(plan, call);
    for (const name of names) expect(store.objects.has(name)).toBe(false);
    expect((await fresh.check('full', call)).damage).toEqual([]);
    const last = await lab.reopen(undefined, 'another');
    for (const one of [point, second]) expect(await isWhole({ lab, repository: last }, one, disk)).toBe(true);
  });

  test('was right about a pack that has been cut short since is not believed: what is gone is stored again', async () => {
    await using broken = await openRepairLab();
    const { lab, store, repository, disk, point, packs } = broken;
    for (const pack of packs.slice(0, 3)) {
      const bytes = bytesOf(store, pack);
      store.objects.set(pack, bytes.subarray(0, bytes.length - 200));
    }
    // Nobody has checked: the size alone says that something is wrong. Both who knew the packs before, and who did not.
    for (const [number, one] of [repository, await lab.reopen(undefined, 'fresh')].entries()) {
      const { point: again } = await protect(lab, one, `m${number + 2}`, { vda: disk }, { takenAt: 2 });
      expect(await isWhole({ lab, repository: one }, again, disk)).toBe(true);
    }
    expect(await isWhole(broken, point, disk)).toBe(true);
  });
});
