import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { HoldfastError } from '@holdfast/api';
import { expect, test } from 'vitest';
import type { PointWriter } from '../../../core/repository/contract.ts';
import { insideOf } from '../../../core/repository/copy/inside.ts';
import { DerivedKeys } from '../../../core/repository/data/hash/derived-keys.ts';
import { openKeyedHash } from '../../../core/repository/data/hash/keyed-hash.ts';
import { decodeRun, encodeRun, indexName } from '../../../core/repository/data/index/run-object.ts';
import { packOfName } from '../../../core/repository/data/packs/format.ts';
import { machine } from '../paper.ts';
import { noise, rawImage } from '../sample-disks.ts';
import { type CollectLab, call, halfNew, MIB, openCollectLab } from './collect-lab.ts';

/** All packs that are there are condemned, a writer that began before has come to need half of what is in them, and has committed. */
async function condemnedAndNeeded(one: CollectLab): Promise<ReadonlySet<string>> {
  const dead = noise('dead', MIB);
  const gone = await one.protect('m1', dead);
  const packs = new Set(one.store.names('packs/').map((name) => packOfName(name) ?? ''));
  await one.protect('m1', noise('alive', MIB / 4));
  await one.lab.repository.forget([gone.point], 'test', call);
  one.expected.delete(gone.point);
  const bytes = halfNew(dead);
  const other = await one.lab.reopen(undefined, 'another machine');
  const writer = await other.begin({ endpoint: 'lab', id: 'm2' }, call);
  const source = await rawImage(one.lab.folder, 'late.raw', bytes);
  await writer.write('vda', source, {}, call);
  await rm(source.path);
  expect((await one.collect()).condemnedPacks).toBe(packs.size);
  const disks = [{ key: 'vda', sizeBytes: bytes.length, format: 'raw', changeToken: null }] as const;
  const meta = { machine: machine('m2'), endpoint: 'lab', takenAt: one.clock.now++, run: 'r', disks } as const;
  const { point } = await writer.commit({ ...meta, consistency: 'crash', frozenMs: 0 }, call);
  one.expected.set(point, bytes);
  return packs;
}

test('a machine whose index does not know what is in a condemned pack does not remove it', async () => {
  await using one = await openCollectLab();
  const packs = await condemnedAndNeeded(one);
  // Index runs that say of these packs that other chunks are in them, as a writer with a bug would have made them.
  const { secrets, format } = insideOf(one.lab.repository);
  const keys = new DerivedKeys(format.suite, secrets);
  const hash = openKeyedHash(format.suite.hash, keys.idKey);
  const pristine = one.store.copy();
  for (const name of one.store.names('index/')) {
    const lists = decodeRun(name.slice('index/'.length), Buffer.from(one.store.objects.get(name) ?? []), keys, hash);
    if (typeof lists === 'string') throw new Error(lists);
    for (const { pack, list } of lists)
      for (let at = 0; packs.has(pack) && at < list.length; at += 48)
        createHash('sha256')
          .update(list.subarray(at, at + 32))
          .digest()
          .copy(list, at);
    one.store.objects.delete(name);
    const { run, bytes } = encodeRun(lists, secrets.current, keys, hash);
    one.store.objects.set(indexName(run), bytes);
  }
  // The packs cannot be asked when that machine learns of them.
  one.store.before = (operation, name) => {
    if (operation === 'get' && name.startsWith('packs/')) throw new HoldfastError('TARGET_IO', 'not now');
  };
  const misled = await one.lab.reopen(undefined, 'a machine that is misled');
  await misled.stats(call);
  one.store.before = () => {};
  for (let round = 0; round < 2; round++) {
    const report = await misled.collect({}, call);
    expect(report.decided.filter(({ fate }) => fate === 'swept')).toEqual([]);
  }
  for (const name of one.store.names('index/')) if (!pristine.objects.has(name)) one.store.objects.delete(name);
  await one.expectWhole();
  await one.collect();
  await one.expectWhole();
});

test('a tombstone that was damaged after it was put has nothing removed that a writer could not know to be condemned', async () => {
  await using one = await openCollectLab();
  const dead = noise('dead', MIB);
  const gone = await one.protect('m1', dead);
  await one.protect('m1', noise('alive', MIB / 4));
  await one.lab.repository.forget([gone.point], 'test', call);
  one.expected.delete(gone.point);
  const other = await one.lab.reopen(undefined, 'another machine');
  const begun: PointWriter[] = [];
  // Once those who had begun before are written down a bit flips, and a writer begins that cannot read the tombstone.
  one.store.before = async (operation, name) => {
    const [tombstone = '', list] = one.store.names('tombstones/');
    if (list === undefined || operation !== 'list' || name !== 'forgotten/') return;
    const sealed = one.store.objects.get(tombstone) as Uint8Array;
    sealed[30] = (sealed[30] as number) ^ 1;
    one.store.before = () => {};
    const writer = await other.begin({ endpoint: 'lab', id: 'm2' }, call);
    const source = await rawImage(one.lab.folder, 'unaware.raw', dead);
    await writer.write('vda', source, {}, call);
    await rm(source.path);
    begun.push(writer);
  };
  await one.collect();
  const [writer] = begun;
  if (writer === undefined) throw new Error('nobody began');
  const disks = [{ key: 'vda', sizeBytes: dead.length, format: 'raw', changeToken: null }] as const;
  const meta = { machine: machine('m2'), endpoint: 'lab', takenAt: one.clock.now++, run: 'r', disks } as const;
  const { point } = await writer.commit({ ...meta, consistency: 'crash', frozenMs: 0 }, call);
  one.expected.set(point, dead);
  for (const name of one.store.names('tombstones/')) one.store.objects.delete(name);
  await one.expectWhole();
});
