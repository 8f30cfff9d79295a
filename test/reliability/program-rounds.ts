import { spawn } from 'node:child_process';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Newcomer, newcomer, setUp } from '../e2e/workbench/installation.ts';
import { noise } from '../repository/sample-disks.ts';
import { dice } from './kill-rounds.ts';

const PROGRAM = join(import.meta.dirname, '../../core/cli/holdfast.js');
const MIB = 1024 * 1024;

/** What killing the program itself came to. */
export interface ProgramFigures {
  readonly rounds: number;
  readonly killed: number;
  readonly sweptPacks: number;
  /** Prunes that were told to wait until the one that was killed has been silent for long enough. */
  readonly busy: number;
}

/**
 * Kills `holdfast repository prune`, as an administrator has it, and sees that all that is kept is whole, that machines are
 * protected as before, and that the next one does the work or says what it waits for.
 */
export async function killPrunes(rounds: number): Promise<ProgramFigures> {
  await using person = await newcomer('web-07');
  await setUp(person);
  const moments = dice('kill prunes', rounds);
  const sums = { killed: 0, sweptPacks: 0, busy: 0 };
  await change(person, 'at first');
  await person.must('protect', 'web-07', '--yes');
  for (let round = 0; round < rounds; round++) {
    await change(person, `round ${round}`);
    await person.must('protect', 'web-07', '--yes');
    await person.must('point', 'forget', '--machine', 'web-07', '--keep-last', '1', '--yes');
    // Most of its time is the program's start: what counts begins with its lease. The first one is killed at once.
    if (await killedPrune(person, round * 60 * (moments[round] ?? 0))) sums.killed++;
    await person.must('repository', 'check', 'main', '--full');
    const next = await person.command('repository', 'prune', 'main', '--yes', '--json');
    if (next.code === 0) sums.sweptPacks += sweptIn(JSON.parse(next.out));
    else if ((next.err + next.out).includes('COLLECTION_BUSY')) sums.busy++;
    else throw new Error(`the next prune ended with ${next.code}: ${next.err}${next.out}`);
    await person.must('repository', 'check', 'main', '--full');
  }
  return { rounds, ...sums };
}

/** Writes 4 MiB of new data into the machine's disk. */
async function change({ machines }: Newcomer, seed: string): Promise<void> {
  const files = await readdir(machines, { recursive: true });
  const disk = files.find((name) => /\.(raw|img)$/.test(name));
  if (disk === undefined) throw new Error(`no raw disk among ${files.join(', ')}`);
  await using handle = await open(join(machines, disk), 'r+');
  await handle.write(noise(seed, 4 * MIB), 0, 4 * MIB, 8 * MIB);
}

/** A prune that is killed so long after it has put its lease. Answers whether it was still at work. */
async function killedPrune({ env, home }: Newcomer, delayMs: number): Promise<boolean> {
  const leases = async () => (await readdir(join(home, 'backup', 'leases'))).length;
  const before = await leases();
  const child = spawn(process.execPath, [PROGRAM, 'repository', 'prune', 'main', '--yes'], {
    env,
    cwd: home,
    stdio: 'ignore',
  });
  const ended = new Promise<boolean>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      // 6: the one before it was killed, and counts as alive until it has been silent for long enough.
      if (code !== 0 && code !== 6 && signal === null) reject(new Error(`prune ended with ${code}`));
      else resolve(signal === 'SIGKILL');
    });
  });
  while (child.exitCode === null && (await leases()) <= before) await pause(2);
  await pause(delayMs);
  child.kill('SIGKILL');
  return await ended;
}

/** Numbers of packs in the answer of a prune, wherever they stand in it. */
function sweptIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const here = 'sweptPacks' in value && typeof value.sweptPacks === 'number' ? value.sweptPacks : 0;
  return here + Object.values(value).reduce((sum: number, inner) => sum + sweptIn(inner), 0);
}
