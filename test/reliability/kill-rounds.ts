import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../repository/paper.ts';
import { noise } from '../repository/sample-disks.ts';
import { makeRepository, proveAll } from './backup.ts';
import { runChild } from './run-child.ts';

/** What some rounds of killing came to. */
export interface KillFigures {
  readonly rounds: number;
  readonly killed: number;
  /** Restore points that were acknowledged, and those that are there: a commit may be done when the kill comes before its acknowledgement. */
  readonly acknowledged: number;
  readonly committed: number;
  readonly restores: number;
}

/**
 * Kills backups at moments that look random, spread evenly over the time that one takes. After each round every committed restore point must
 * come back byte for byte, none that was acknowledged may be missing, and the next backup must succeed.
 */
export async function killRounds(rounds: number, sizeBytes: number): Promise<KillFigures> {
  await using folder = await temporaryFolder();
  const places = { target: join(folder.path, 'target'), work: join(folder.path, 'work') };
  await mkdir(places.target);
  await mkdir(places.work);
  await makeRepository(places);
  const acknowledged = new Set<string>();
  const dice = noise('kill rounds', rounds * 4);
  let killed = 0;
  let restores = 0;
  let committed = 0;
  const first = await runChild({ ...places, round: 0, sizeBytes });
  if (first.committed === null) throw new Error(`the first backup failed: ${first.errors}`);
  acknowledged.add(first.committed);
  let fullMs = first.backupMs;
  for (let round = 1; round <= rounds; round++) {
    const delayMs = (dice.readUInt32LE((round - 1) * 4) / 2 ** 32) * fullMs * 1.1;
    const outcome = await runChild({ ...places, round: round * 2, sizeBytes }, [], (child) => {
      setTimeout(() => child.kill('SIGKILL'), delayMs);
    });
    if (outcome.signal === 'SIGKILL') killed++;
    else if (outcome.committed === null) throw new Error(`round ${round} failed by itself: ${outcome.errors}`);
    if (outcome.committed !== null) acknowledged.add(outcome.committed);
    const after = await runChild({ ...places, round: round * 2 + 1, sizeBytes });
    if (after.committed === null) throw new Error(`the backup after round ${round} failed: ${after.errors}`);
    acknowledged.add(after.committed);
    // Later backups find most of the disk stored already.
    fullMs = after.backupMs;
    const { points, damage } = await proveAll({ ...places, sizeBytes });
    for (const point of acknowledged) {
      if (!points.includes(point)) throw new Error(`${point} was acknowledged and is gone after round ${round}`);
    }
    if (damage.length > 0) throw new Error(`after round ${round}: ${damage.join('; ')}`);
    restores += points.length;
    committed = points.length;
  }
  return { rounds, killed, acknowledged: acknowledged.size, committed, restores };
}
