import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, release, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Contender, RoundResult } from './contender.ts';
import { steps } from './contender.ts';
import { borg } from './contenders/borg.ts';
import { holdfast, type StepShares } from './contenders/holdfast.ts';
import { prepare } from './contenders/program.ts';
import { restic } from './contenders/restic.ts';
import { zstd } from './contenders/zstd.ts';
import type { BenchResult, ContenderResult } from './report.ts';
import { pageOf } from './report.ts';
import { bytesOf, makeWorkload } from './workload.ts';

const usage = `npm run bench -- [--size 4g] [--rounds 5] [--seed 42] [--source /usr] [--folder DIR] [--only NAME,…] [--quick] [--profile] [--no-page]
  --quick    256 MiB and one round, prints only: to see that it runs
  --folder   where the images and repositories are made; default is a temporary folder
  --only     contenders whose name begins so: holdfast, restic, borg, zstd
  --profile  a round under the profiler more, to see what bounds each figure; made by itself unless --quick is given
  --no-page  do not write docs/benchmarks.md and docs/benchmarks.json`;

const { values } = parseArgs({
  options: {
    size: { type: 'string' },
    rounds: { type: 'string' },
    seed: { type: 'string', default: '42' },
    source: { type: 'string', default: '/usr' },
    folder: { type: 'string' },
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
    'no-page': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log(usage);
} else {
  const parent = values.folder === undefined ? tmpdir() : resolve(values.folder);
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, 'holdfast-bench-'));
  try {
    await bench(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function bench(folder: string): Promise<void> {
  const seed = Number(values.seed);
  const sizeBytes = bytesOf(values.size ?? (values.quick ? '256m' : '4g'));
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 5));
  console.log(`making three disks of ${sizeBytes / 2 ** 20} MiB from ${values.source}`);
  const workload = await makeWorkload({ folder: join(folder, 'workload'), sizeBytes, seed, source: values.source });
  // Once through, so that nobody pays for reading from the disk and the others do not.
  for (const image of [workload.vm1, workload.vm1c, workload.vm2]) await prepare(['cp', image, '/dev/null']);
  const results = new Map<Contender, { version: string; rounds: RoundResult[] }>();
  for (const contender of [holdfast(1), holdfast(3), restic, borg, zstd]) {
    if (values.only !== undefined && !values.only.split(',').some((name) => contender.name.startsWith(name))) continue;
    const version = await contender.version();
    if (version === null) console.log(`${contender.name} is not installed and is left out`);
    else results.set(contender, { version, rounds: [] });
  }
  for (let round = 1; round <= rounds; round += 1) {
    for (const [contender, result] of results) {
      const place = join(folder, `round-${round}`);
      await mkdir(place);
      const measured = await contender.round(place, workload);
      result.rounds.push(measured);
      await rm(place, { recursive: true });
      console.log(`round ${round}, ${contender.name}: ${summaryOf(measured)}`);
    }
  }
  const isProfiled =
    values.profile || (!values.quick && [...results.keys()].some(({ name }) => name.startsWith('holdfast')));
  const profile: StepShares = {};
  if (isProfiled) {
    const place = join(folder, 'profiled');
    await mkdir(place);
    await holdfast(1, profile).round(place, workload);
    await rm(place, { recursive: true });
  }
  const contenders = [...results].map(([{ name }, result]): ContenderResult => ({ name, ...result }));
  await finish({
    at: new Date().toISOString(),
    machine: {
      processor: cpus()[0]?.model ?? 'unknown',
      processors: availableParallelism(),
      node: process.version,
      system: `Linux ${release()}`,
    },
    load: `Load at the end: ${loadavg()
      .map((load) => load.toFixed(1))
      .join(', ')}.`,
    workload: { sizeBytes, allocatedBytes: workload.allocatedBytes, changedBytes: workload.changedBytes, seed },
    rounds,
    contenders,
    ...(isProfiled ? { profile } : {}),
  });
}

async function finish(result: BenchResult): Promise<void> {
  const page = pageOf(result);
  console.log(`\n${page}`);
  if (values.quick || values['no-page']) return;
  const docs = join(import.meta.dirname, '../../docs');
  await writeFile(join(docs, 'benchmarks.md'), page);
  await writeFile(join(docs, 'benchmarks.json'), `${JSON.stringify(result, null, 2)}\n`);
}

function summaryOf(round: RoundResult): string {
  return steps
    .flatMap((step) => {
      const result = round[step];
      return result === undefined ? [] : [`${step} ${result.wallSeconds.toFixed(2)} s`];
    })
    .join(', ');
}
