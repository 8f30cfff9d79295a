import { execFileSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { makeCall } from '@holdfast/api';
import { type ChildWish, type Places, protectRound, prove, withRepository } from './backup.ts';
import { bytesOf } from './kill-collections.ts';
import { emptyRepository } from './kill-rounds.ts';
import { type Outcome, runChild } from './run-child.ts';

/** What backups of two hosts beside the collections of a third came to. */
export interface TogetherFigures {
  readonly hosts: readonly string[];
  readonly points: number;
  readonly sweptPacks: number;
  readonly repackedPacks: number;
  readonly restores: number;
  /** Bytes that a backup of the second host stored of a disk that the first one had stored. */
  readonly sharedBytes: number;
}

/** Why no process can have a host name of its own here; `null` when one can. */
export function whyNoHosts(): string | null {
  if (process.platform !== 'linux') return 'there are no namespaces here';
  try {
    execFileSync('unshare', ['-u', 'hostname', 'holdfast-a'], { stdio: 'ignore' });
    return null;
  } catch {
    return 'unshare may not make a namespace for a host name here';
  }
}

/** Runs a program as another host has it: of another name. */
const asHost = (name: string): readonly string[] => [
  'unshare',
  '-u',
  'sh',
  '-c',
  `hostname ${name} && exec "$@"`,
  'sh',
];

/** Long enough for a machine that is busy: nobody who is alive is to be fenced here. */
const SILENT_AFTER_MS = 20_000;

/** Two hosts protect machines into one folder, a third collects it at the same time, while restore points are forgotten. */
export async function together(times: number, sizeBytes: number, isNamed: boolean): Promise<TogetherFigures> {
  await using made = await emptyRepository(sizeBytes, { silentAfterMs: SILENT_AFTER_MS });
  const hosts = ['holdfast-a', 'holdfast-b', 'holdfast-c'];
  const homes: readonly Places[] = await Promise.all(
    hosts.map(async (host) => {
      const work = join(made.folder, host);
      await mkdir(work);
      return { ...made.places, work };
    }),
  );
  const [first = made.places, second = made.places, third = made.places] = homes;
  const old: string[] = [];
  await withRepository(made.places, async (repository) => {
    for (let i = 0; i < 4; i++) old.push(await protectRound(repository, { ...made.places, round: 900 + i }));
  });
  const run = (host: number, wish: ChildWish) => runChild(wish, isNamed ? asHost(hosts[host] ?? '') : []);
  const running = [
    run(0, { ...first, act: 'backups', machine: 'm1', round: 1000, times }),
    run(1, { ...second, act: 'backups', machine: 'm2', round: 2000, times }),
    run(2, { ...third, act: 'collections', round: 0, times }),
  ];
  const forgetting = withRepository(made.places, async (repository) => {
    for (const point of old.slice(0, -1)) await repository.forget([point], 'retention', makeCall());
  });
  const [[one, two, collections]] = await Promise.all([Promise.all(running), forgetting]);
  const acknowledged = new Set([...pointsOf(one, times), ...pointsOf(two, times)]);
  const collected = [...(succeeded(collections).said.matchAll(/^collected (\d+) (\d+)$/gm) ?? [])];
  const sum = (group: number) => collected.reduce((total, found) => total + Number(found[group]), 0);
  const restores = await withRepository(made.places, async (repository) => {
    return (await prove(repository, made.places, acknowledged)).restores;
  });
  const sharedBytes = await shared(run, first, second);
  return { hosts, points: acknowledged.size, sweptPacks: sum(1), repackedPacks: sum(2), restores, sharedBytes };
}

/** What the second host stores of a disk that the first one stored before. */
async function shared(run: (host: number, wish: ChildWish) => Promise<Outcome>, first: Places, second: Places) {
  pointsOf(await run(0, { ...first, round: 3000, machine: 'm3' }), 1);
  const packs = () => withRepository(first, (_, store) => bytesOf(store, 'packs/'));
  const before = await packs();
  pointsOf(await run(1, { ...second, round: 3000, machine: 'm4' }), 1);
  return (await packs()) - before;
}

function pointsOf(outcome: Outcome | undefined, times: number): readonly string[] {
  const { points } = succeeded(outcome);
  if (points.length !== times) throw new Error(`${points.length} of ${times} backups`);
  return points;
}

function succeeded(outcome: Outcome | undefined): Outcome {
  if (outcome === undefined || outcome.exitCode !== 0) throw new Error(`a host failed: ${outcome?.errors}`);
  return outcome;
}
