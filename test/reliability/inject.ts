import { execFileSync } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../repository/paper.ts';
import { makeRepository, protectRound, prove, withRepository } from './backup.ts';
import { runChild } from './run-child.ts';

/** Which system calls fail, and how. */
export interface Injection {
  readonly calls: string;
  readonly error: 'EIO' | 'ENOSPC';
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
const MOST_RUNS = 500;

/**
 * Makes the n-th call of a kind fail, for n = 1, 2, 3 … until a backup runs through without one. A run that says
 * 0 must have committed. After each run the next backup must succeed, and nothing that was acknowledged may be lost.
 */
export async function injectUntilClean({ calls, error }: Injection): Promise<InjectionFigures> {
  await using folder = await temporaryFolder();
  const places = { target: join(folder.path, 'target'), work: join(folder.path, 'work'), sizeBytes: SIZE_BYTES };
  await mkdir(places.target);
  await mkdir(places.work);
  await makeRepository(places);
  const acknowledged = new Set<string>();
  const figures = { runs: 0, injected: 0, refused: 0, survived: 0, restores: 0 };
  for (let n = 1; n <= MOST_RUNS; n++) {
    const log = join(folder.path, `strace-${n}.log`);
    const inject = ['-e', `trace=${calls}`, '-e', `inject=${calls}:error=${error}:when=${n}`];
    const strace = ['strace', '-f', '-qqq', '-o', log, '-e', 'signal=none', ...inject];
    // One thread for the file system, so that the calls are counted in one row.
    const outcome = await runChild({ ...places, round: n * 2 }, ['env', 'UV_THREADPOOL_SIZE=1', ...strace]);
    const injected = (await readFile(log, 'utf8')).split('(INJECTED)').length - 1;
    figures.runs++;
    figures.injected += injected;
    if (outcome.exitCode === 0) {
      if (outcome.committed === null) throw new Error(`run ${n} ended with 0 and committed nothing`);
      acknowledged.add(outcome.committed);
      if (injected > 0) figures.survived++;
    } else {
      if (!/^[A-Z_]+: /m.test(outcome.errors)) throw new Error(`run ${n} ended without a code: ${outcome.errors}`);
      if (injected === 0) throw new Error(`run ${n} failed although nothing was injected: ${outcome.errors}`);
      figures.refused++;
    }
    await withRepository(places, async (repository) => {
      acknowledged.add(await protectRound(repository, { ...places, round: n * 2 + 1 }));
      const found = await prove(repository, places, acknowledged, injected === 0 ? undefined : NEWEST);
      figures.restores += found.restores;
    });
    if (injected === 0) return figures;
  }
  throw new Error(`no clean run within ${MOST_RUNS}`);
}
