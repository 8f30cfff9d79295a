import { makeCall } from '@holdfast/api';
import { describe, expect, test } from 'vitest';
import { checkDocuments } from '../../../core/repository/check/check-documents.ts';
import { checkPoints } from '../../../core/repository/check/check-points.ts';
import { DamageReport } from '../../../core/repository/check/damage-report.ts';
import { takeInventory } from '../../../core/repository/check/inventory.ts';
import type { Documents } from '../../../core/repository/documents/documents.ts';
import { commitName, forgottenName } from '../../../core/repository/documents/names.ts';
import { documentsOf, manifest, putPoint, temporaryFolder } from '../paper.ts';
import { MemoryStore } from '../stores.ts';

const call = makeCall();

interface Chain {
  readonly store: MemoryStore;
  readonly documents: Documents;
  readonly one: { readonly point: string; readonly manifest: string; readonly sha256: string };
  readonly two: { readonly point: string; readonly manifest: string; readonly sha256: string };
}

/** Two restore points of a machine, the second upon the first; broken; and what a check then says. */
async function checked(breakIt: (chain: Chain) => void | Promise<void>) {
  await using folder = await temporaryFolder();
  const store = new MemoryStore();
  const documents = documentsOf(store, folder.path);
  const one = await putPoint(documents, 1);
  const two = await putPoint(documents, 2, { previous: { name: one.manifest, sha256: one.sha256 } });
  await breakIt({ store, documents, one, two });
  const report = new DamageReport();
  const found = await checkDocuments(await takeInventory(store, call), documents, report, call);
  const points = checkPoints(found, report);
  return { one, two, points: points.map(({ commit }) => commit.lease).sort(), damage: report.list() };
}

const forget = async ({ documents, one }: Chain, sha256 = one.sha256): Promise<void> => {
  const forgotten = { version: 1, point: one.point, sha256, forgottenAt: 5, reason: 'test' };
  await documents.put(documents.seal(forgottenName(one.point), forgotten), call);
};

describe('the chain of restore points', () => {
  test('that is whole has no damage', async () => {
    const { one, two, points, damage } = await checked(() => {});
    expect(points).toEqual([one.point, two.point].sort());
    expect(damage).toEqual([]);
  });

  test('is broken by a manifest that was sealed for its name but is not the one that was committed', async () => {
    const { one, two, points, damage } = await checked(({ store, documents, one }) => {
      const other = documents.seal(one.manifest, manifest(one.point, 7));
      store.objects.set(one.manifest, other.sealed);
    });
    expect(points).toEqual([two.point]);
    expect(damage).toEqual([
      expect.objectContaining({
        object: one.manifest,
        kind: 'damaged',
        concerns: [{ point: one.point, disk: '*', offset: 0, length: 0 }],
      }),
    ]);
  });

  test('is broken by a manifest that is gone together with its commit', async () => {
    const { one, damage } = await checked(({ store, one }) => {
      store.objects.delete(one.manifest);
      store.objects.delete(commitName(one.point));
    });
    expect(damage).toEqual([expect.objectContaining({ object: one.manifest, kind: 'missing' })]);
  });

  test('is broken by a commit that is gone', async () => {
    const { one, damage } = await checked(({ store, one }) => void store.objects.delete(commitName(one.point)));
    expect(damage).toEqual([expect.objectContaining({ object: commitName(one.point), kind: 'missing' })]);
  });

  test('is not broken by a restore point that was forgotten and collected', async () => {
    const { two, points, damage } = await checked(async (chain) => {
      await forget(chain);
      chain.store.objects.delete(chain.one.manifest);
      chain.store.objects.delete(commitName(chain.one.point));
    });
    expect(points).toEqual([two.point]);
    expect(damage).toEqual([]);
  });

  test('is broken when what was forgotten is not what is missing', async () => {
    const { one, damage } = await checked(async (chain) => {
      await forget(chain, 'e'.repeat(64));
      chain.store.objects.delete(chain.one.manifest);
      chain.store.objects.delete(commitName(chain.one.point));
    });
    expect(damage).toEqual([expect.objectContaining({ object: one.manifest, kind: 'missing' })]);
  });

  test('is broken when the one before is not the one that was named', async () => {
    const { one, damage } = await checked(async ({ store, documents, one }) => {
      const other = documents.seal(one.manifest, manifest(one.point, 7));
      store.objects.set(one.manifest, other.sealed);
      const name = commitName(one.point);
      const commit = { version: 1, lease: one.point, state: 'committed', manifest: one.manifest, sha256: other.sha256 };
      store.objects.set(name, documents.seal(name, { ...commit, runs: [], committedAt: 3 }).sealed);
    });
    expect(damage).toEqual([
      expect.objectContaining({ object: one.manifest, kind: 'damaged', detail: expect.stringContaining('chain') }),
    ]);
  });
});

describe('a report of damage', () => {
  test('joins neighbours, lists twenty thousand ranges at most, and names every restore point at least once', () => {
    const report = new DamageReport();
    report.add('packs/x', 'missing', 'gone');
    for (let at = 0; at < 25_000; at++)
      report.concern('packs/x', { point: 'a', disk: 'vda', offset: at * 8, length: 4 });
    report.concern('packs/x', { point: 'a', disk: 'vda', offset: 200_000, length: 4 });
    report.concern('packs/x', { point: 'b', disk: 'vda', offset: 0, length: 4 });
    report.concern('packs/x', { point: 'b', disk: 'vda', offset: 4, length: 4 });
    const [damage] = report.list();
    expect(damage?.concerns).toHaveLength(20_001);
    expect(damage?.unlisted).toBe(5_001);
    expect(damage?.concerns.at(-1)).toEqual({ point: 'b', disk: 'vda', offset: 0, length: 8 });
  });
});
