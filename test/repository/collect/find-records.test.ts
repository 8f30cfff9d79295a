import { createHash } from 'node:crypto';
import { closeSync } from 'node:fs';
import { join } from 'node:path';
import { array, assert, asyncProperty, integer, uniqueArray } from 'fast-check';
import { expect, test } from 'vitest';
import { findRecords } from '../../../core/repository/data/collect/find-records.ts';
import { loadCacheFile } from '../../../core/repository/data/index/cache-file.ts';
import { listSource } from '../../../core/repository/data/index/cache-source.ts';
import { writeCacheFile } from '../../../core/repository/data/index/cache-writer.ts';
import { IndexView } from '../../../core/repository/data/index/index-view.ts';
import { temporaryFolder } from '../paper.ts';

const repository = '00'.repeat(16);
/** Few first bytes, so that many ids share them. */
const idOf = (number: number): Buffer => {
  const id = createHash('sha256').update(String(number)).digest();
  id.writeUInt32BE(number % 7, 0);
  return id;
};

test('many chunks that are looked up at once are found where they are, in every pack that holds them, and nowhere else', async () => {
  await using folder = await temporaryFolder();
  let files = 0;
  const packs = array(uniqueArray(integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 20 }), {
    minLength: 1,
    maxLength: 4,
  });
  await assert(
    asyncProperty(
      array(packs, { minLength: 1, maxLength: 3 }),
      array(integer({ min: 0, max: 80 })),
      async (cache, wanted) => {
        const expected = new Set<string>();
        const shared = cache.map((file, number) => {
          const lists = file.map((numbers, at) => {
            const pack = createHash('md5').update(`${number} ${at}`).digest('hex');
            const list = Buffer.alloc(numbers.length * 48);
            for (const [record, id] of numbers.entries()) {
              idOf(id).copy(list, record * 48);
              list.writeUInt32LE(record * 1000, record * 48 + 32);
              list.writeUInt32LE(100, record * 48 + 36);
              list.writeUInt32LE(id + 1, record * 48 + 40);
              for (const [which, other] of wanted.entries())
                if (other === id) expected.add(`${which} ${pack} ${record} ${id + 1}`);
            }
            return { pack, list };
          });
          const path = join(folder.path, `${files++}.run`);
          writeCacheFile(path, repository, [listSource(lists)], () => true);
          const loaded = loadCacheFile(path, repository);
          if (loaded === null) throw new Error('the cache file is not whole');
          return loaded;
        });
        const view = new IndexView({ version: 1, files: shared });
        const found = new Set<string>();
        const ids = Buffer.concat(wanted.map(idOf));
        const missing = findRecords(view, ids, wanted.length, (which, file, pack, bit, storedBytes) => {
          const cached = view.files[file];
          const record = bit - (cached?.packStart(pack) ?? 0);
          found.add(`${which} ${cached?.pack(pack)} ${record} ${storedBytes}`);
        });
        expect([...found].sort()).toEqual([...expected].sort());
        const there = new Set([...expected].map((one) => one.split(' ')[0]));
        expect(missing).toBe(wanted.length - there.size);
        for (const { fd } of shared) closeSync(fd);
      },
    ),
    { numRuns: 100 },
  );
});
