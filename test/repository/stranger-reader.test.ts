import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { goldenDisk, goldenFolder, goldenVersions, readGolden } from './golden/golden.ts';
import { openLab, passphrase, protect } from './lab.ts';
import { temporaryFolder } from './paper.ts';
import { changedDisk, sampleDisk } from './sample-disks.ts';
import { FolderStore } from './stores.ts';
import { StrangerReader } from './stranger/reader.ts';

const MIB = 1024 * 1024;

describe('a reader written from the format page alone', () => {
  test('imports nothing of ours and is short', () => {
    const text = readFileSync(join(import.meta.dirname, 'stranger/reader.ts'), 'utf8');
    const imports = [...text.matchAll(/from '([^']+)'/g)].map(([, from]) => from ?? '');
    expect(imports.length).toBeGreaterThan(4);
    expect(imports.filter((from) => !/^(node:|@noble\/hashes\/|@scure\/bip39)/.test(from))).toEqual([]);
    expect(text.split('\n').length).toBeLessThanOrEqual(250);
  });

  test('restores a repository that was just made, with the passphrase and with the words', async () => {
    await using folder = await temporaryFolder();
    await using lab = await openLab(new FolderStore(join(folder.path, 'store')));
    const vda = sampleDisk('vda', 5 * MIB + 512);
    const one = await protect(lab, lab.repository, 'm1', { vda }, { takenAt: 1 });
    const change = changedDisk(vda, 'x', 12);
    const move = { vda: { extents: change.extents, base: one.point } };
    await protect(lab, lab.repository, 'm1', { vda: change.disk }, { takenAt: 2, move });
    for (const secret of [{ passphrase }, { words: lab.words }]) {
      const stranger = new StrangerReader(join(folder.path, 'store'), secret);
      const [first, second] = stranger.points().map(({ disks }) => disks.map((disk) => stranger.restore(disk)));
      expect(first?.[0]?.equals(vda)).toBe(true);
      expect(second?.[0]?.equals(change.disk)).toBe(true);
    }
  });

  test.each(goldenVersions)('restores the golden repository %s', (version) => {
    const golden = readGolden(version);
    for (const secret of [{ passphrase: golden.passphrase }, { words: golden.recoveryWords }]) {
      const stranger = new StrangerReader(goldenFolder(version), secret);
      const points = stranger.points();
      expect(points.map(({ point }) => point)).toEqual(golden.points.map(({ point }) => point));
      for (const [at, { disks }] of points.entries()) {
        for (const disk of disks) {
          const should = golden.points[at]?.disks[disk.key];
          expect(should !== undefined && stranger.restore(disk).equals(goldenDisk(should).disk)).toBe(true);
        }
      }
    }
  });

  test('notices a flipped bit in a pack', async () => {
    await using folder = await temporaryFolder();
    const store = new FolderStore(join(folder.path, 'store'));
    await using lab = await openLab(store);
    await protect(lab, lab.repository, 'm1', { vda: sampleDisk('vda', MIB) });
    for await (const { name } of store.list('packs/')) {
      const path = join(folder.path, 'store', name);
      const pack = readFileSync(path);
      pack[pack.length >> 1] = (pack[pack.length >> 1] ?? 0) ^ 4;
      await store.put(name, pack, {});
    }
    expect(() => new StrangerReader(join(folder.path, 'store'), { passphrase })).toThrow(/CRC/);
  });
});
