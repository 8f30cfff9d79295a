import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findProgram } from '../../plugins/tools/lab/src/programs.ts';
import { pageOf } from './report.ts';
import { bytesOf, makeWorkload } from './workload.ts';

const mke2fs = await findProgram('mke2fs');

test.skipIf(mke2fs === null)(
  'the benchmark’s disks differ from each other as much as they are said to (needs mke2fs)',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-workload-'));
    try {
      const source = join(folder, 'usr');
      for (const place of ['bin', 'share/doc', 'local']) {
        await mkdir(join(source, place), { recursive: true });
        for (let file = 0; file < 4; file += 1) {
          await writeFile(join(source, place, `file-${file}`), `${place} ${file} `.repeat(80_000));
        }
      }
      const make = async (name: string, seed = 42) => {
        const made = await makeWorkload({ folder: join(folder, name), sizeBytes: 16 * 2 ** 20, seed, source });
        const images = await Promise.all([made.vm1, made.vm1c, made.vm2].map((path) => readFile(path)));
        return { made, images, sums: images.map((image) => createHash('sha256').update(image).digest('hex')) };
      };
      const one = await make('one');
      const [vm1, vm1c] = one.images;
      if (vm1 === undefined || vm1c === undefined) throw new Error('no images');
      const changed = Array.from({ length: vm1.length / 4096 }, (_, block) => block * 4096).filter(
        (at) => vm1.compare(vm1c, at, at + 4096, at, at + 4096) !== 0,
      );
      expect(changed.length * 4096).toBeLessThanOrEqual(one.made.changedBytes);
      expect(changed.length * 4096).toBeGreaterThan(one.made.changedBytes / 2);
      expect(one.made.changedBytes).toBeGreaterThanOrEqual(one.made.allocatedBytes * 0.02);
      expect(new Set(one.sums).size).toBe(3);
      expect((await make('other', 43)).sums[1]).not.toBe(one.sums[1]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
);

test('sizes are written as people write them', () => {
  expect([bytesOf('4g'), bytesOf('256M'), bytesOf('10')]).toEqual([4 * 2 ** 30, 256 * 2 ** 20, 10]);
  expect(() => bytesOf('much')).toThrow('is no size');
});

test('the report shows medians, and each target met or missed', () => {
  const step = (wallSeconds: number) => ({ wallSeconds, cpuSeconds: 1, peakBytes: 2 ** 20, storedBytes: 2 ** 20 });
  const page = pageOf({
    at: '2026-01-01T00:00:00Z',
    machine: { processor: 'test', processors: 2, node: 'v24', system: 'Linux' },
    load: 'Load: none.',
    workload: { sizeBytes: 1, allocatedBytes: 1, changedBytes: 1, seed: 1 },
    rounds: 3,
    contenders: [
      { name: 'holdfast, zstd 3', version: '1', rounds: [{ full: step(9) }, { full: step(1) }, { full: step(2) }] },
      { name: 'restic', version: '1', rounds: [{ full: step(5) }] },
    ],
  });
  expect(page).toContain('| holdfast, zstd 3 | 2.00 |');
  expect(page).toContain('| full, zstd 3: faster than restic | at least 2 × | 2.50 × | met |');
  expect(page).toContain('| full, zstd 3: stored, of restic | at most 1.05 × | 1.00 × | met |');
});
