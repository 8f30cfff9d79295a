import './virtual-process.ts';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PLANTED, type PlantedName } from './planted.ts';
import { type Figures, noFigures } from './world.ts';

// `npm run simulate -- --seed N` replays one seed and prints what happened; `--seeds N` runs that many, from `--from`.
// With `--json` the last line is for programs.

// Loaded after what stands in for the operating system.
const { simulate, usualActions } = await import('./simulate.ts');

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string', default: '2000' },
    from: { type: 'string', default: '1' },
    minutes: { type: 'string' },
    faults: { type: 'string' },
    actions: { type: 'string' },
    planted: { type: 'string' },
    lines: { type: 'string', default: '60' },
    harsh: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    'until-caught': { type: 'boolean', default: false },
    twice: { type: 'boolean', default: false },
  },
});

/** What a run over many seeds came to. */
export interface Summary {
  readonly seeds: number;
  readonly seconds: number;
  readonly figures: Figures;
  readonly faults: number;
  readonly failures: { readonly seed: number; readonly violations: readonly string[] }[];
  /** Seeds that were run twice and gave the same trace both times. */
  readonly replayed: number;
  /** Hash over all that happened in all seeds. */
  readonly trace: string;
}

const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'holdfast-simulation-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const planted = values.planted === undefined ? null : PLANTED[values.planted as PlantedName];
if (planted === undefined) throw new Error(`there is no planted bug called ${values.planted}`);
const extentOf = (seed: number) => ({ actions: Number(values.actions ?? usualActions(seed)), isHarsh: values.harsh });
const first = values.seed === undefined ? Number(values.from) : Number(values.seed);
const count = values.seed === undefined ? Number(values.seeds) : 1;
const until =
  values.minutes === undefined ? Number.POSITIVE_INFINITY : performance.now() + Number(values.minutes) * 60_000;

const mostFaults = Number(values.faults ?? Number.POSITIVE_INFINITY);
const figures = noFigures();
const faultsOf = (): number => Object.values(figures.faults).reduce((sum, each) => sum + each, 0);
const failures: Summary['failures'] = [];
const traces = createHash('sha256');
let seeds = 0;
let replayed = 0;
const began = performance.now();
for (let seed = first; seed < first + count && performance.now() < until && faultsOf() < mostFaults; seed++) {
  const outcome = await simulate(seed, folder, extentOf(seed), planted?.() ?? null);
  seeds++;
  traces.update(outcome.trace);
  add(figures, outcome.figures);
  if (values.twice) {
    const again = await simulate(seed, folder, extentOf(seed), planted?.() ?? null);
    if (again.trace === outcome.trace) replayed++;
    else failures.push({ seed, violations: ['the second run of this seed went another way'] });
  }
  if (values.seed !== undefined) for (const line of outcome.last.slice(-Number(values.lines))) console.log(line);
  if (outcome.violations.length === 0) continue;
  failures.push({ seed, violations: outcome.violations });
  if (planted === null) {
    console.log(`seed ${seed} failed: ${outcome.violations.join('; ')}`);
    if (values.seed === undefined) for (const line of outcome.last) console.log(`  ${line}`);
    console.log(`replay it: npm run simulate -- --seed ${seed}${worldOf()}`);
  }
  if (values['until-caught']) break;
}
const seconds = (performance.now() - began) / 1000;
const faults = faultsOf();
const summary: Summary = { seeds, seconds, figures, faults, failures, replayed, trace: traces.digest('hex') };
if (values.json) console.log(JSON.stringify(summary));
else tell(summary);
process.exitCode = planted === null && failures.length > 0 ? 1 : 0;

/** What else a seed's world depends on. */
function worldOf(): string {
  return `${values.actions === undefined ? '' : ` --actions ${values.actions}`}${values.harsh ? ' --harsh' : ''}`;
}

function tell({ seeds: ran, failures: failed, trace }: Summary): void {
  console.log(
    `${ran} seeds in ${seconds.toFixed(1)} s (${(ran / seconds).toFixed(0)} a second): ${figures.operations} operations, ${faults} faults, ` +
      `${figures.acknowledged} restore points acknowledged, ${figures.compared} restores compared, ${figures.checks} checks, ` +
      `${figures.nonces} nonces, ${failed.length} seeds with violations`,
  );
  console.log(`trace: ${trace}`);
  console.log(`actions: ${listing(figures.actions)}`);
  console.log(`faults: ${listing(figures.faults)}`);
}

function listing(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([name, times]) => `${name} ${times}`)
    .join(', ');
}

function add(sum: Figures, more: Figures): void {
  for (const key of ['operations', 'acknowledged', 'compared', 'checks', 'nonces'] as const) sum[key] += more[key];
  for (const key of ['actions', 'faults'] as const) {
    const into = sum[key] as Record<string, number>;
    for (const [name, times] of Object.entries(more[key])) into[name] = (into[name] ?? 0) + times;
  }
}
