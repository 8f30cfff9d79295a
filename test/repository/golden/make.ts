/**
 * Makes a golden repository: `node test/repository/golden/make.ts v1`. It is run once for each version of the format and its result is
 * kept: a repository has random ids, so making it again gives other bytes, but the disks in it come from their seeds.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCall } from '@holdfast/api';
import { createRepository } from '../../../core/repository/create.ts';
import { openRepository } from '../../../core/repository/open.ts';
import { protect, testOptions } from '../lab.ts';
import { FolderStore } from '../stores.ts';
import { type Golden, goldenDisk } from './golden.ts';

const version = process.argv[2] ?? '';
if (!/^v[0-9]+$/.test(version)) throw new Error('name the version, for example v1');
const here = join(import.meta.dirname, version);
await mkdir(here);
const store = new FolderStore(here);
const work = await mkdtemp(join(tmpdir(), 'holdfast-golden-'));
const call = makeCall();
const passphrase = 'golden passphrase for everybody to know';
const disks = { vda: { seed: 'golden vda', sizeBytes: 512 * 1024 + 512 }, vdb: { seed: 'golden vdb', sizeBytes: 131_072 } };
const changes = { seed: 'golden changes', blocks: 5 };
try {
  const options = testOptions(join(work, 'cache'));
  const { recoveryWords } = await createRepository(store, { passphrase }, options, call);
  const repository = await openRepository(store, { passphrase }, options, call);
  const lab = { folder: work };
  const full = { vda: goldenDisk(disks.vda).disk, vdb: goldenDisk(disks.vdb).disk };
  const one = await protect(lab, repository, 'golden', full, { takenAt: 1_700_000_000_000 });
  const { disk, extents } = goldenDisk(disks.vda, changes);
  const move = { vda: { extents, base: one.point } };
  const two = await protect(lab, repository, 'golden', { ...full, vda: disk }, { takenAt: 1_700_000_360_000, move });
  await repository.close();
  const golden: Golden = {
    passphrase,
    recoveryWords,
    points: [
      { point: one.point, disks },
      { point: two.point, disks: { ...disks, vda: { ...disks.vda, changes } } },
    ],
  };
  await writeFile(`${here}.json`, `${JSON.stringify(golden, null, 2)}\n`);
} finally {
  await rm(work, { recursive: true, force: true });
}
