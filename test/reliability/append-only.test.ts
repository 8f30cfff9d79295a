import { execFile, execFileSync } from 'node:child_process';
import { chmod, chown, link, lstat, mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeCall } from '@holdfast/api';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../repository/paper.ts';
import { collectOnce } from './acts.ts';
import { makeRepository, type Places, protectRound, prove, withRepository } from './backup.ts';
import { runChild } from './run-child.ts';

const SIZE_BYTES = 2 * 1024 * 1024;
/** The user and the group who write; the one who keeps is root here. */
const WRITER = 65_534;

function whyNoUsers(): string | null {
  if (process.getuid?.() !== 0) return 'only root can be another user';
  try {
    execFileSync('setpriv', [`--reuid=${WRITER}`, '--clear-groups', process.execPath, '--version'], {
      stdio: 'ignore',
    });
    return null;
  } catch {
    return 'setpriv is not installed, or the other user may not run this program';
  }
}

const missing = whyNoUsers();
if (missing !== null) console.log(`NOT RUN: writers that are another user, because ${missing}`);
const unless = missing === null ? '' : ` (NOT RUN: ${missing})`;

const asWriter = ['setpriv', `--reuid=${WRITER}`, `--regid=${WRITER}`, '--clear-groups'];

/** A command of the page for administrators, with the names of this test. */
async function commandOfThePage(begins: string, target: string): Promise<void> {
  const page = await readFile(new URL('../../docs/decisions/append-only.md', import.meta.url), 'utf8');
  const lines = page.split('\n').filter((line) => line.startsWith(begins));
  if (lines.length === 0) throw new Error(`the page has no command ${begins}`);
  const line = lines.at(begins === 'install' ? -1 : 0) ?? '';
  const named = line
    .replaceAll('/srv/backup', target)
    .replace('-user holdfast', `-user ${WRITER}`)
    .replace('chown -h keeper', 'chown -h 0')
    .replace('-o keeper -g holdfast', `-o 0 -g ${WRITER}`);
  execFileSync('sh', ['-c', named]);
}

interface Shared extends AsyncDisposable {
  readonly keeper: Places;
  readonly writer: Places;
}

async function shared(): Promise<Shared> {
  const folder = await temporaryFolder();
  const target = join(folder.path, 'target');
  const of = async (name: string, uid: number) => {
    const work = join(folder.path, name);
    await mkdir(work);
    await chown(work, uid, uid);
    return { target, work, sizeBytes: SIZE_BYTES, silentAfterMs: 2_000 };
  };
  await chmod(folder.path, 0o711);
  await mkdir(target);
  await chown(target, 0, WRITER);
  await chmod(target, 0o3770);
  const keeper = await of('keeper', 0);
  await makeRepository(keeper);
  await commandOfThePage('install', target);
  const writer = { ...(await of('writer', WRITER)), appendOnly: true };
  return { keeper, writer, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

/** Paths of all that lies in a target, but what is not finished. */
async function everything(target: string): Promise<string[]> {
  const entries = await readdir(target, { recursive: true, withFileTypes: true });
  return entries.filter(({ parentPath }) => !parentPath.endsWith('@incoming')).map((e) => join(e.parentPath, e.name));
}

async function writerDoes<T>(what: string, places: Places): Promise<T> {
  const [program = '', ...rest] = [...asWriter, process.execPath, join(import.meta.dirname, 'append-only-child.ts')];
  const { stdout } = await promisify(execFile)(program, [...rest, what, JSON.stringify(places)]);
  return JSON.parse(stdout);
}

async function writerProtects(places: Places, round: number): Promise<string> {
  const outcome = await runChild({ ...places, round }, asWriter);
  if (outcome.committed === null) throw new Error(`the writer failed: ${outcome.errors}`);
  return outcome.committed;
}

interface Item {
  readonly title: string;
  readonly state: string;
  readonly detail: string;
}

const HELD = 'refuses to remove and to replace what is kept';

test.skipIf(missing !== null)(
  `a writer that can only add protects machines, can destroy nothing that was taken over, and leaves removal to the keeper${unless}`,
  async () => {
    await using users = await shared();
    const { keeper, writer } = users;
    const points = new Set<string>();
    for (const round of [1, 2]) {
      points.add(await writerProtects(writer, round));
      // An intruder who gives a file a second name does not keep it by that.
      const [commit = ''] = await readdir(join(keeper.target, 'commits'));
      await link(join(keeper.target, 'commits', commit), join(keeper.target, '@incoming', `second-${round}`));
      await commandOfThePage('find', keeper.target);
      const kept = await Promise.all((await everything(keeper.target)).map(async (path) => (await lstat(path)).uid));
      expect(new Set(kept)).toEqual(new Set([0]));
    }
    expect((await stat(join(keeper.target, 'packs'))).mode & 0o7777).toBe(0o3770);
    // The folders that the writer made have their canary from here on.
    await withRepository(keeper, (repository) => prove(repository, keeper, points));

    const items = await writerDoes<readonly Item[]>('probe', writer);
    expect(items.find(({ title }) => title === HELD)).toMatchObject({ state: 'ok' });
    const { attempts, succeeded } = await writerDoes<{ attempts: number; succeeded: string[] }>('attack', writer);
    expect(succeeded).toEqual([]);
    expect(attempts).toBeGreaterThan(100);
    await withRepository(keeper, (repository) => prove(repository, keeper, points));

    // What removes is refused, and says what to do.
    for (const what of ['collect', 'forget']) {
      expect(await writerDoes(what, writer)).toMatchObject({ code: 'TARGET_READ_ONLY' });
    }
    points.add(await writerProtects(writer, 3));
    await commandOfThePage('find', keeper.target);
    await withRepository(keeper, async (repository) => {
      const [oldest = ''] = points;
      points.delete(oldest);
      await repository.forget([oldest], 'retention', makeCall());
      const first = await collectOnce(repository);
      const sweptPacks = first.sweptPacks + (await collectOnce(repository)).sweptPacks;
      expect(sweptPacks).toBeGreaterThan(0);
      const { restores } = await prove(repository, keeper, points);
      points.add(await protectRound(repository, { ...keeper, round: 4 }));
      console.log(
        `append-only: ${attempts} attempts refused, ${sweptPacks} packs swept by the keeper, ${restores} restored`,
      );
    });
    // The keeper wrote packs anew: the writer reads them, and goes on.
    points.add(await writerProtects(writer, 5));
    await withRepository(keeper, (repository) => prove(repository, keeper, points));
  },
  120_000,
);

test.skipIf(missing !== null)(
  `a check of a target that is said to be append-only finds the folder in which the writer can remove${unless}`,
  async () => {
    await using users = await shared();
    const { keeper, writer } = users;
    await writerProtects(writer, 1);
    await commandOfThePage('find', keeper.target);
    await withRepository(keeper, async () => {});
    // An administrator forgot the sticky bit of one folder.
    await chmod(join(keeper.target, 'packs'), 0o2770);
    const items = await writerDoes<readonly Item[]>('probe', writer);
    const item = items.find(({ title }) => title === HELD);
    expect(item).toMatchObject({ state: 'failed' });
    expect(item?.detail).toContain('packs');
  },
  120_000,
);
