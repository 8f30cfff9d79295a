import { HoldfastError } from '@holdfast/api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CatalogSaver } from '../../../core/engine/saved-catalogs/saver.ts';
import type { Repository } from '../../../core/repository/contract.ts';
import { noise, toMain, Yard } from '../yard.ts';

let yard: Yard;
let web: string;
beforeEach(async () => {
  yard = await Yard.open();
  web = yard.next({ vda: noise(512 * 1024, 1) });
  yard.addMachine(web, {}, {});
  yard.openFleet({});
});
afterEach(() => yard[Symbol.asyncDispose]());

/** A saver on the yard's repository, with a clock of its own. */
async function saverOn(repository: Repository): Promise<{ saver: CatalogSaver; at: { now: number } }> {
  const at = { now: 1_000_000 };
  return { saver: new CatalogSaver({ catalog: yard.catalog, repository, now: () => at.now }), at };
}

const saved = async () => (await yard.repository()).catalogs(yard.call());
const ended = (run: string) => ({ run, log: (_: string, text: string) => void yard.lines.push(text) });

async function protectWith(saver: CatalogSaver) {
  const engine = yard.openEngine({ savesCatalog: async () => saver });
  return engine.protect({ machine: web, steps: toMain }, yard.call());
}

test('after a run the catalog lies in the repository that it wrote to, with the end of that run in it', async () => {
  const { saver } = await saverOn(await yard.repository());
  const run = await protectWith(saver);
  await saver.close();
  const [copy, ...others] = await saved();
  expect(others).toEqual([]);
  expect(copy).toMatchObject({ site: yard.catalog.site, target: 'main' });
  const bytes = Buffer.from(await (await yard.repository()).readCatalog(copy?.object ?? '', yard.call()));
  expect(bytes.subarray(0, 15).toString()).toBe('SQLite format 3');
  expect(bytes.includes(run.id)).toBe(true);
});

test('many runs in a row are saved once at first, and once at the end', async () => {
  const { saver } = await saverOn(await yard.repository());
  for (let n = 0; n < 6; n++) {
    saver.after(ended(`run-${n}`));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await saver.close();
  await saver.close();
  expect((await saved()).map(({ sequence }) => sequence)).toEqual([2, 1]);
});

test('a clock that went back does not put the next copy off', async () => {
  const { saver, at } = await saverOn(await yard.repository());
  saver.after(ended('one'));
  at.now -= 86_400_000;
  await expect.poll(async () => (await saved()).length, { timeout: 30_000 }).toBe(1);
  saver.after(ended('two'));
  await expect.poll(async () => (await saved()).length, { timeout: 30_000 }).toBe(2);
  await saver.close();
  expect(await saved()).toHaveLength(2);
});

test('a catalog that cannot be saved is a warning on record, and the run is done all the same', async () => {
  const repository = await yard.repository();
  const broken: Repository = Object.assign(Object.create(repository) as Repository, {
    target: 'main',
    saveCatalog: async () => {
      throw new HoldfastError('TARGET_FULL', 'planted: no room');
    },
  });
  const { saver } = await saverOn(broken);
  const run = await protectWith(saver);
  await saver.close();
  expect(run).toMatchObject({ state: 'done', error: null });
  const lines = await yard.catalog.jobs.logLines(run.id, 100);
  expect(lines.at(-1)).toMatchObject({ level: 'warn' });
  expect(lines.at(-1)?.text).toContain('planted: no room');
});

test('what somebody forgot is in the copy that is saved then, though no run wrote anything', async () => {
  await yard.engine.protect({ machine: web, steps: toMain }, yard.call());
  await yard.engine.protect({ machine: web, steps: toMain }, yard.call());
  const { saver } = await saverOn(await yard.repository());
  const engine = yard.openEngine({ savesCatalog: async () => saver });
  const [, oldest] = await engine.listPoints('main', yard.call());
  await engine.forgetPoints('main', [oldest?.point ?? ''], 'asked for', yard.call());
  await saver.close();
  expect(await saved()).toMatchObject([{ sequence: 1 }]);
});

test('a run that read nothing but a repository has nothing saved there', async () => {
  const { saver } = await saverOn(await yard.repository());
  const first = await yard.engine.protect({ machine: web, steps: toMain }, yard.call());
  const { point } = first.result as unknown as {
    point: { target: string; point: string; machine: string; takenAt: number };
  };
  const engine = yard.openEngine({ savesCatalog: async () => saver });
  await engine.restore({ point, to: 'fleet', as: 'again' }, yard.call());
  await saver.close();
  expect(await saved()).toEqual([]);
});
