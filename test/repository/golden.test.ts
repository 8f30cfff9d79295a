import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { makeCall } from '@holdfast/api';
import { describe, expect, test } from 'vitest';
import { openRepository } from '../../core/repository/open.ts';
import { goldenDisk, goldenFolder, goldenVersions, readGolden } from './golden/golden.ts';
import { restoreDisk, testOptions } from './lab.ts';
import { temporaryFolder } from './paper.ts';
import { FolderStore } from './stores.ts';

const call = makeCall();

describe.each(goldenVersions)('the golden repository %s', (version) => {
  const golden = readGolden(version);

  test.each([{ passphrase: golden.passphrase }, { recoveryWords: golden.recoveryWords }])(
    'opens with its secret, lists, checks, verifies and restores byte for byte (%#)',
    async (unlock) => {
      await using folder = await temporaryFolder();
      const store = new FolderStore(join(folder.path, 'copy'));
      await cp(goldenFolder(version), join(folder.path, 'copy'), { recursive: true });
      const repository = await openRepository(store, unlock, testOptions(join(folder.path, 'cache')), call);
      try {
        const points = await repository.points({}, call);
        expect(points.map(({ point }) => point)).toEqual(golden.points.map(({ point }) => point).reverse());
        expect((await repository.check('full', call)).damage).toEqual([]);
        for (const { point, disks } of golden.points) {
          expect((await repository.verify(point, call)).damage).toEqual([]);
          for (const [key, disk] of Object.entries(disks)) {
            const restored = await restoreDisk({ folder: folder.path }, repository, point, key);
            expect(restored.failure).toBeNull();
            expect(restored.bytes.equals(goldenDisk(disk).disk)).toBe(true);
          }
        }
      } finally {
        await repository.close();
      }
    },
  );
});
