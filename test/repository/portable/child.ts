/** Makes a repository, writes and restores a disk, and restores the golden repository. Prints what it found as JSON. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { makeCall } from '@holdfast/api';
import { openRepository } from '../../../core/repository/open.ts';
import { goldenDisk, goldenFolder, readGolden } from '../golden/golden.ts';
import { openLab, protect, restoreDisk, testOptions } from '../lab.ts';
import { sampleDisk } from '../sample-disks.ts';
import { FolderStore, MemoryStore } from '../stores.ts';

const folder = process.argv[2] ?? '';
const call = makeCall();

async function ownRepository(): Promise<{ hash: string; isWhole: boolean }> {
  await using lab = await openLab(new MemoryStore());
  const vda = sampleDisk('vda', 1024 * 1024);
  const { point } = await protect(lab, lab.repository, 'm1', { vda });
  const { bytes, failure } = await restoreDisk(lab, lab.repository, point, 'vda');
  const { hash } = await lab.repository.stats(call);
  return { hash, isWhole: failure === null && bytes.equals(vda) };
}

async function goldenRepository(): Promise<{ hash: string; isWhole: boolean }> {
  const golden = readGolden('v1');
  cpSync(goldenFolder('v1'), join(folder, 'golden'), { recursive: true });
  const store = new FolderStore(join(folder, 'golden'));
  const repository = await openRepository(
    store,
    { passphrase: golden.passphrase },
    testOptions(join(folder, 'cache')),
    call,
  );
  let isWhole = true;
  for (const { point, disks } of golden.points) {
    for (const [key, disk] of Object.entries(disks)) {
      const { bytes, failure } = await restoreDisk({ folder }, repository, point, key);
      isWhole &&= failure === null && bytes.equals(goldenDisk(disk).disk);
    }
  }
  const { hash } = await repository.stats(call);
  await repository.close();
  return { hash, isWhole };
}

console.log(JSON.stringify({ own: await ownRepository(), golden: await goldenRepository() }));
