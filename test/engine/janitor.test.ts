import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { noise, toMain, Yard } from './yard.ts';

let yard: Yard;
let web: string;
beforeAll(async () => {
  yard = await Yard.open();
});
afterAll(() => yard[Symbol.asyncDispose]());
beforeEach(() => {
  web = yard.next();
});

/** Puts a snapshot on the fleet as some process left it there. */
function leave(id: string, site: string, intent: string): string {
  const folder = join(yard.folder, 'fleet', 'snapshots', id);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'mark.json'), JSON.stringify({ site, intent, run: 'r', createdAt: 1 }));
  return folder;
}

test('a thing with our mark that no intent announces is removed, one of another site is not touched', async () => {
  const ours = leave('ours', yard.catalog.site, 'forgotten');
  const theirs = leave('theirs', 'f'.repeat(32), 'forgotten');
  expect(await yard.engine.leftovers(yard.call())).toEqual(['snapshot snapshot ours on fleet belongs to no run']);
  expect(existsSync(ours)).toBe(true);
  expect(await yard.engine.clean(yard.call())).toEqual([
    'removed snapshot snapshot ours from fleet, which no run knows of',
  ]);
  Reflect.deleteProperty(yard.config.config.endpoints, 'aaa');
  expect(existsSync(ours)).toBe(false);
  expect(existsSync(theirs)).toBe(true);
});

test('the snapshot of a run that is going on is not touched by a clean-up meanwhile', async () => {
  yard.fail({ openDisk: { delayMs: 600, times: 1 } });
  const running = yard.engine.protect({ machine: web, steps: toMain }, yard.call());
  while (yard.left().length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(await yard.openEngine().clean(yard.call())).toEqual([]);
  expect(yard.left()).toHaveLength(1);
  expect((await running).state).toBe('done');
});

test('a machine that is adopted between two looks of the janitor is the user’s and stays', async () => {
  const mark = { site: yard.catalog.site, intent: 'just-settled', run: 'r', createdAt: 1 };
  yard.addMachine('restored', { vda: noise(4096, 1) });
  const file = join(yard.folder, 'fleet', 'machines', 'restored', 'mark.json');
  writeFileSync(file, JSON.stringify(mark));
  const { jobs } = yard.catalog;
  const openIntents = async (run?: string) => {
    // Between the janitor's first listing and this one the restore ends: it takes the mark off, then settles its intent.
    if (readFileSync(join(yard.folder, 'fleet', 'calls.log'), 'utf8').includes('owned')) rmSync(file, { force: true });
    return jobs.openIntents(run);
  };
  const catalog = { ...yard.catalog, jobs: { ...jobs, openIntents } };
  const other = await Yard.open({ wrapCatalog: () => catalog }, yard.folder);
  expect(await other.engine.clean(yard.call())).toEqual([]);
  await other.host.close();
  expect(existsSync(join(yard.folder, 'fleet', 'machines', 'restored', 'vda.raw'))).toBe(true);
});

test('an endpoint that does not answer is named, and the others are cleaned all the same', async () => {
  const second = join(yard.folder, 'second');
  mkdirSync(second);
  Object.assign(yard.config.config.endpoints, { aaa: { use: 'fleet', path: second } });
  yard.openFleet({});
  leave('ours', yard.catalog.site, 'forgotten');
  writeFileSync(join(second, 'faults.json'), JSON.stringify({ owned: { code: 'ENDPOINT_UNREACHABLE' } }));
  expect(await yard.engine.clean(yard.call())).toEqual([
    'endpoint aaa could not be looked at: owned was told to fail',
    'removed snapshot snapshot ours from fleet, which no run knows of',
  ]);
  Reflect.deleteProperty(yard.config.config.endpoints, 'aaa');
});

test('only one janitor works at a time', async () => {
  leave('ours', yard.catalog.site, 'forgotten');
  yard.fail({ owned: { delayMs: 300 } });
  const answers = await Promise.all([yard.engine.clean(yard.call()), yard.openEngine().clean(yard.call())]);
  expect(answers.map(({ length }) => length).toSorted((a, b) => a - b)).toEqual([0, 1]);
});
