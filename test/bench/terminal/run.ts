import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { measureCrowd, measureStalled, sitDown } from './crowd.ts';
import {
  type Figure,
  type KeyTimes,
  loadLine,
  machineLine,
  median,
  type Peer,
  type TerminalResult,
} from './figures.ts';
import { measureScreen } from './keys.ts';
import type { MemoryCosts } from './memory.ts';
import { measurePeers } from './peers.ts';
import { pageOf } from './report.ts';
import { openServed } from './served.ts';
import { measureStart } from './start.ts';
import { openPty, pressThrough, quiet, shows, type Talk } from './talk.ts';

const usage = `npm run bench:terminal -- [--quick] [--only NAME,…] [--no-page]
  --quick    few keys and rounds, prints only: to see that it runs
  --only     local, ssh, rows, start, memory, crowd, stalled, peers; prints only
  --no-page  do not write docs/benchmarks-terminal.md and docs/benchmarks-terminal.json`;

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    'no-page': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const { quick } = values;
const keyCount = quick ? 60 : 450;

interface Targets {
  readonly p50: number;
  readonly p99: number;
}

function keyFigures(
  where: string,
  pressed: { within: KeyTimes; scrolling: KeyTimes },
  { p50, p99 }: Targets,
): Figure[] {
  const { within, scrolling } = pressed;
  const how = `${within.keys} keys`;
  const each = (kind: string, times: KeyTimes, bytes: number): Figure[] => [
    { what: `${where}: key → first byte, ${kind}, p50`, value: times.p50Ms, unit: 'ms', atMost: p50, how },
    { what: `${where}: key → first byte, ${kind}, p99`, value: times.p99Ms, unit: 'ms', atMost: p99, how },
    { what: `${where}: bytes a key, ${kind}`, value: times.bytes, unit: 'bytes', atMost: bytes, how },
  ];
  return [...each('within the page', within, 500), ...each('scrolling one row', scrolling, 600)];
}

async function local(): Promise<Figure[]> {
  const talk: Talk = openPty([process.execPath, join(import.meta.dirname, 'program.ts'), 'local']);
  try {
    await shows(talk, 'Overview');
    talk.type('2');
    await shows(talk, 'vm-00003');
    await quiet(talk, 600);
    return keyFigures('locally', await pressThrough(talk, 'j', 'k', keyCount), { p50: 3, p99: 16 });
  } finally {
    await talk.close();
  }
}

async function ssh(): Promise<Figure[]> {
  const served = await openServed();
  try {
    const guest = await sitDown(served.guest);
    await quiet(guest, 600);
    const pressed = await pressThrough(guest, 'j', 'k', keyCount);
    await guest.close();
    return keyFigures('SSH on loopback', pressed, { p50: 4, p99: 20 });
  } finally {
    await served.close();
  }
}

/** The table by itself, in this process: a desk that would hand out a million machines would be measured instead. */
async function manyRows(): Promise<Figure[]> {
  const rounds = quick ? 1 : 7;
  const found = new Map<string, { few: number[]; many: number[] }>();
  await measureScreen();
  for (let i = 0; i < rounds; i++) {
    for (const { rows, kind, cpuMs } of (await measureScreen()).keys) {
      const costs = found.get(kind) ?? { few: [], many: [] };
      (rows === 1_000_000 ? costs.many : costs.few).push(cpuMs);
      found.set(kind, costs);
    }
  }
  return [...found].map(([kind, { few, many }]) => ({
    what: `table of 1,000,000 rows, ${kind}: processor time of 10,000 rows`,
    value: median(many) / median(few),
    unit: '×',
    atMost: 1.2,
    how: `${median(many).toFixed(2)} ms and ${median(few).toFixed(2)} ms a key, medians of ${rounds} rounds; the table alone`,
  }));
}

async function memory(): Promise<Figure[]> {
  const count = quick ? 50 : 1000;
  const file = join(import.meta.dirname, 'memory.ts');
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', file, `${count}`]);
  const { eachBytes, eachOwnBytes, leftBytes }: MemoryCosts = JSON.parse(stdout);
  const mebibytes = (bytes: number): number => bytes / 2 ** 20;
  return [
    {
      what: 'memory a session',
      value: mebibytes(eachBytes),
      unit: 'MiB',
      atMost: 3,
      how: 'mean of 20; the answer with 10,000 machines is shared',
    },
    {
      what: 'memory a session with an answer of its own',
      value: mebibytes(eachOwnBytes),
      unit: 'MiB',
      atMost: null,
      how: 'mean of 5',
    },
    {
      what: `left after ${count} sessions came and went`,
      value: Math.max(0, mebibytes(leftBytes)),
      unit: 'MiB',
      atMost: 0.5,
      how: 'half of them cut off',
    },
  ];
}

const parts: Readonly<Record<string, () => Promise<Figure[]>>> = {
  local,
  ssh,
  rows: manyRows,
  start: () => measureStart(quick ? 3 : 10),
  memory,
  crowd: () => (quick ? measureCrowd(20, 3) : measureCrowd(200, 20)),
  stalled: () => measureStalled(quick ? 2 : 10),
};

async function bench(): Promise<void> {
  const only = values.only?.split(',') ?? null;
  const load = loadLine();
  const figures: Figure[] = [];
  for (const [name, work] of Object.entries(parts)) {
    if (only !== null && !only.includes(name)) continue;
    console.log(`measuring: ${name}`);
    figures.push(...(await work()));
  }
  const peers: Peer[] = only === null || only.includes('peers') ? await measurePeers(quick ? 60 : 300) : [];
  const result: TerminalResult = { at: new Date().toISOString(), machine: machineLine(), load, figures, peers };
  console.log(`\n${pageOf(result)}`);
  if (quick || only !== null || values['no-page']) return;
  const docs = join(import.meta.dirname, '../../../docs');
  await writeFile(join(docs, 'benchmarks-terminal.md'), pageOf(result));
  await writeFile(join(docs, 'benchmarks-terminal.json'), `${JSON.stringify(result, null, 2)}\n`);
}

if (values.help) console.log(usage);
else await bench();
// A pseudo-terminal may hold the process after its program has gone.
process.exit();
