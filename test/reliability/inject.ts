import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeCall } from '@holdfast/api';
import { temporaryFolder } from '../repository/paper.ts';
import { collectOnce } from './acts.ts';
import { type ChildWish, makeRepository, type Places, protectRound, prove, withRepository } from './backup.ts';
import { type Outcome, runChild } from './run-child.ts';

/** Which system calls fail, and how. */
export interface Injection {
  readonly calls: string;
  readonly error: 'EIO' | 'ENOSPC' | 'ESTALE';
  /** What the child does. Default is `backup`. */
  readonly act?: 'backup' | 'collect';
  /** Only calls on objects that are there before the child begins; else a program that is being loaded would be hit as well. */
  readonly stored?: boolean;
  /** So many of the calls fail, spread evenly over all of them, each in a run of its own. Default is every one. */
  readonly sample?: number;
}

/** What a loop over the 1st, 2nd, 3rd … call came to. */
export interface InjectionFigures {
  readonly runs: number;
  /** Calls that were made to fail. */
  readonly injected: number;
  /** Runs that ended in a coded failure. */
  readonly refused: number;
  /** Runs that succeeded although a call failed: it was not needed for the restore point, or was done in another way. */
  readonly survived: number;
  readonly restores: number;
}

/** Why the loop cannot run here; `null` when it can. */
export function whyNoStrace(): string | null {
  try {
    execFileSync('strace', ['-qqq', '-e', 'trace=none', 'true'], { stdio: 'ignore' });
    return null;
  } catch (failure) {
    return failure instanceof Error && 'code' in failure && failure.code === 'ENOENT'
      ? 'strace is not installed'
      : 'strace may not trace here';
  }
}

/** How many of the newest restore points are restored after each run; after the last one it is all of them. */
const NEWEST = 3;

const SIZE_BYTES = 768 * 1024;

/** How many calls may be needed before a run is clean; beyond this something goes round in circles. */
const MOST_RUNS = 2_000;

/** Restore points that are kept where collections fail. */
const KEPT = 3;

/** Short, so that a collection that died is passed over soon. */
const SILENT_AFTER_MS = 600;

/**
 * Makes the n-th call of a kind fail, for n = 1, 2, 3 … until a child runs through without one. A run that says
 * 0 must have done its work. After each run the next one must succeed, and nothing that was acknowledged may be lost.
 */
export async function injectUntilClean(injection: Injection): Promise<InjectionFigures> {
  await using folder = await temporaryFolder();
  const places = {
    target: join(folder.path, 'target'),
    work: join(folder.path, 'work'),
    sizeBytes: SIZE_BYTES,
    ...(injection.act === 'collect' ? { silentAfterMs: SILENT_AFTER_MS } : {}),
  };
  await mkdir(places.target);
  await mkdir(places.work);
  await makeRepository(places);
  const rounds = new Rounds(places, injection.act ?? 'backup');
  const figures = { runs: 0, injected: 0, refused: 0, survived: 0, restores: 0 };
  let numbers: readonly number[] | null = null;
  for (let n = 1; n <= MOST_RUNS; n++) {
    await rounds.before();
    const log = join(folder.path, `strace-${n}.log`);
    if (injection.sample !== undefined && numbers === null) {
      await rounds.run(await underStrace(injection, log, null, places.target));
      numbers = spread(mostOfOneThread(await readFile(log, 'utf8')), injection.sample);
      if (numbers.length === 0) throw new Error(`no call of ${injection.calls} was made`);
      await rounds.before();
    }
    const when = numbers === null ? n : numbers[n - 1];
    if (when === undefined) return { ...figures, restores: figures.restores + (await rounds.after(undefined)) };
    const outcome = await rounds.run(await underStrace(injection, log, when, places.target));
    const injected = (await readFile(log, 'utf8')).split('(INJECTED)').length - 1;
    figures.runs++;
    figures.injected += injected;
    if (outcome.exitCode === 0) {
      rounds.succeeded(outcome, n);
      if (injected > 0) figures.survived++;
    } else {
      if (!/^[A-Z_]+: /m.test(outcome.errors)) throw new Error(`run ${n} ended without a code: ${outcome.errors}`);
      if (injected === 0) throw new Error(`run ${n} failed although nothing was injected: ${outcome.errors}`);
      figures.refused++;
    }
    const isLast = injected === 0 && numbers === null;
    figures.restores += await rounds.after(isLast ? undefined : NEWEST);
    if (isLast) return figures;
  }
  throw new Error(`no clean run within ${MOST_RUNS}`);
}

/** What goes on between the children: backups after backups, or restore points made and forgotten around collections. */
class Rounds {
  readonly #places: Places;
  readonly #act: 'backup' | 'collect';
  readonly #acknowledged = new Set<string>();
  #round = 0;

  constructor(places: Places, act: 'backup' | 'collect') {
    this.#places = places;
    this.#act = act;
  }

  async before(): Promise<void> {
    if (this.#act === 'backup') return;
    await withRepository(this.#places, async (repository) => {
      do {
        this.#acknowledged.add(await protectRound(repository, { ...this.#places, round: this.#round++ }));
        const [oldest = ''] = this.#acknowledged;
        if (this.#acknowledged.size <= KEPT) continue;
        this.#acknowledged.delete(oldest);
        await repository.forget([oldest], 'retention', makeCall());
      } while (this.#acknowledged.size < KEPT);
    });
  }

  run(wrapper: readonly string[]): Promise<Outcome> {
    const wish: ChildWish = { ...this.#places, act: this.#act, round: this.#round++ };
    return runChild(wish, wrapper);
  }

  succeeded({ committed }: Outcome, n: number): void {
    if (this.#act === 'collect') return;
    if (committed === null) throw new Error(`run ${n} ended with 0 and committed nothing`);
    this.#acknowledged.add(committed);
  }

  /** The next one of the same kind succeeds, and nothing is lost. Answers how many restore points came back. */
  async after(newest: number | undefined): Promise<number> {
    return await withRepository(this.#places, async (repository) => {
      if (this.#act === 'collect') {
        const found = await prove(repository, this.#places, this.#acknowledged, newest);
        await collectOnce(repository);
        return found.restores + (await prove(repository, this.#places, this.#acknowledged, 1)).restores;
      }
      this.#acknowledged.add(await protectRound(repository, { ...this.#places, round: this.#round++ }));
      return (await prove(repository, this.#places, this.#acknowledged, newest)).restores;
    });
  }
}

/** @param when Which call fails; `null` to let all succeed and only see how many there are. */
async function underStrace(
  { calls, error, stored }: Injection,
  log: string,
  when: number | null,
  target: string,
): Promise<readonly string[]> {
  const inject = when === null ? [] : ['-e', `inject=${calls}:error=${error}:when=${when}`];
  const only = stored === true ? (await filesIn(target)).flatMap((path) => ['-P', path]) : [];
  const strace = ['strace', '-f', '-qqq', '-o', log, '-e', 'signal=none', '-e', `trace=${calls}`, ...only, ...inject];
  // One thread for the file system, so that the calls are counted in one row.
  return ['env', 'UV_THREADPOOL_SIZE=1', ...strace];
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** Calls are counted for each thread by itself. */
function mostOfOneThread(log: string): number {
  const counts = new Map<string, number>();
  for (const line of log.split('\n')) {
    const thread = /^(\d+) +\w+\(/.exec(line)?.[1];
    if (thread !== undefined) counts.set(thread, (counts.get(thread) ?? 0) + 1);
  }
  return Math.max(0, ...counts.values());
}

/** `count` numbers from 1 to `most`, the first and the last among them. */
function spread(most: number, count: number): readonly number[] {
  if (most <= count) return Array.from({ length: most }, (_, i) => i + 1);
  const step = (most - 1) / (count - 1);
  return Array.from({ length: count }, (_, i) => 1 + Math.round(i * step));
}
