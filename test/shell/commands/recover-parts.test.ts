import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCall } from '@holdfast/api';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openCatalog } from '../../../core/catalog/open.ts';
import { copyOfCatalog } from '../../../core/engine/saved-catalogs/copy-of-catalog.ts';
import type { SavedCatalog } from '../../../core/repository/catalogs/contract.ts';
import { fetchNewest, namedCopy, onlyNewest } from '../../../core/shell/commands/repository/recover/saved.ts';
import { looksLikeWords, wordsIn } from '../../../core/shell/commands/repository/recover/words.ts';
import { runToAdd } from '../../catalog/samples.ts';
import { type Lab, openLab } from '../../repository/lab.ts';
import { MemoryStore } from '../../repository/stores.ts';

let folder: string;
let store: MemoryStore;
let lab: Lab;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-recover-'));
  store = new MemoryStore();
  lab = await openLab(store);
});
afterEach(async () => {
  await lab[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** Three copies of a catalog that grows: of one, two and three runs. */
async function threeCopies(): Promise<void> {
  await using catalog = await openCatalog({ file: join(folder, 'old.db'), thread: 'caller' });
  for (const id of ['r1', 'r2', 'r3']) {
    await catalog.jobs.add(runToAdd(id));
    await using copy = await copyOfCatalog(catalog);
    await lab.repository.saveCatalog({ site: catalog.site, schema: copy.schema, bytes: copy.bytes }, makeCall());
  }
}

const place = () => join(folder, 'catalog.db');
const runsIn = async (file: string) => {
  await using catalog = await openCatalog({ file, thread: 'caller' });
  return (await catalog.jobs.list({})).length;
};

test('the newest copy is taken; one that is damaged is told and passed over, until none is left', async () => {
  await threeCopies();
  const lines: string[] = [];
  const call = makeCall({ log: (_, text) => lines.push(text) });
  const saved = await lab.repository.catalogs(call);
  for (const [at, { object }] of saved.entries()) {
    await using fresh = await fetchNewest(lab.repository, saved, place(), () => 'main', call);
    expect(fresh?.from?.object).toBe(object);
    expect(await runsIn(fresh?.file ?? '')).toBe(3 - at);
    const part = store.objects.get(`${object}.0`) ?? Buffer.of();
    part[100] = (part[100] ?? 0) ^ 1;
  }
  expect(await fetchNewest(lab.repository, saved, place(), () => 'main', call)).toBeNull();
  expect(lines.filter((line) => line.includes('is passed over'))).toHaveLength(6);
  expect((await readdir(folder)).filter((name) => name.startsWith('catalog.db'))).toEqual([]);
});

test('what was saved as a catalog and is none is passed over as well', async () => {
  await threeCopies();
  const [newest] = await lab.repository.catalogs(makeCall());
  const site = newest?.site ?? '';
  await lab.repository.saveCatalog({ site, schema: 2, bytes: Buffer.from('no database') }, makeCall());
  const saved = await lab.repository.catalogs(makeCall());
  await using fresh = await fetchNewest(lab.repository, saved, place(), () => 'main', makeCall());
  expect(fresh?.from?.object).toBe(newest?.object);
});

test('a copy is named by its identity or the beginning of it, and never by one that fits two', () => {
  const copy = (id: string): SavedCatalog => ({
    ...{ object: `catalogs/${'0'.repeat(32)}/${id}`, site: 's', host: 'h', target: 'main' },
    ...{ savedAt: 0, sequence: 1, sizeBytes: 1, schema: 2 },
  });
  const saved = [copy('ab12'), copy('ab34'), copy('cd56')];
  expect(namedCopy(saved, 'cd')).toBe(saved[2]);
  expect(namedCopy(saved, saved[0]?.object ?? '')).toBe(saved[0]);
  expect(() => namedCopy(saved, 'ab')).toThrow(expect.objectContaining({ code: 'USAGE' }));
  expect(() => namedCopy(saved, 'ef')).toThrow(expect.objectContaining({ code: 'CATALOG_SAVED_NONE' }));
});

test('of several installations that saved their catalogs in one repository none is taken unasked', async () => {
  await threeCopies();
  const [newest] = await lab.repository.catalogs(makeCall());
  expect(onlyNewest(await lab.repository.catalogs(makeCall()))).toEqual(newest);
  await using other = await openCatalog({ file: join(folder, 'other.db'), thread: 'caller' });
  await using copy = await copyOfCatalog(other);
  await lab.repository.saveCatalog({ site: other.site, schema: copy.schema, bytes: copy.bytes }, makeCall());
  const saved = await lab.repository.catalogs(makeCall());
  expect(() => onlyNewest(saved)).toThrow(expect.objectContaining({ code: 'ANSWER_MISSING' }));
  expect(() => onlyNewest(saved)).toThrow(
    expect.objectContaining({ remedy: expect.stringContaining(`of host ${hostname()}`) as string }),
  );
  expect(onlyNewest([])).toBeNull();
});

const word = fc.stringMatching(/^[a-z]{3,8}$/);
const sheet = fc.array(word, { minLength: 24, maxLength: 24 });

test('24 words are read however somebody wrote them down', () => {
  const blanks = fc.constantFrom(' ', '\n', '\t', '  ', '\r\n');
  fc.assert(
    fc.property(sheet, blanks, fc.constantFrom('', '.', ')', ':'), (words, blank, mark) => {
      const whole = words.join(' ');
      expect(wordsIn(words.join(blank))).toBe(whole);
      expect(wordsIn(words.map((one, at) => `${at + 1}${mark} ${one}`).join('\n'))).toBe(whole);
      expect(wordsIn(`Words of the shop\n\n${words.map((one, at) => ` ${at + 1} ${one}`).join('\n')}\n`)).toBe(whole);
      expect(looksLikeWords(whole)).toBe(true);
    }),
  );
});

test('whatever else is in the file never makes it hang or throw', () => {
  fc.assert(fc.property(fc.string({ maxLength: 5000 }), (text) => void expect(typeof wordsIn(text)).toBe('string')));
});

test('the file that the set-up wrote is understood as it is', async () => {
  await writeFile(join(folder, 'words'), '');
  const words = lab.words.split(' ');
  const text = [
    'Recovery words of the repository on main (0123)',
    'Whoever has these words can read everything in it; without them and without the passphrase nobody can.',
    '',
    ...words.map((one, at) => `${String(at + 1).padStart(2)} ${one}`),
    '',
    lab.words,
    '',
  ].join('\n');
  expect(wordsIn(text)).toBe(lab.words);
});
