import type { RoundResult, Step, StepResult } from './contender.ts';
import { steps } from './contender.ts';
import { kinds, type Shares } from './profile.ts';

/** All rounds of one contender. */
export interface ContenderResult {
  readonly name: string;
  readonly version: string;
  readonly rounds: readonly RoundResult[];
}

/** Medians of one contender, by step. */
export type Medians = Partial<Record<Step, StepResult>>;

/** Everything that was measured, and on what. */
export interface BenchResult {
  readonly at: string;
  readonly machine: {
    readonly processor: string;
    readonly processors: number;
    readonly node: string;
    readonly system: string;
  };
  readonly load: string;
  readonly workload: {
    readonly sizeBytes: number;
    readonly allocatedBytes: number;
    readonly changedBytes: number;
    readonly seed: number;
  };
  readonly rounds: number;
  readonly contenders: readonly ContenderResult[];
  /** Where Holdfast's processor time went in a round under the profiler. */
  readonly profile?: Partial<Record<Step, Shares>>;
}

export function mediansOf({ rounds }: ContenderResult): Medians {
  const found: Medians = {};
  for (const step of steps) {
    const results = rounds.map((round) => round[step]).filter((result) => result !== undefined);
    if (results.length === 0) continue;
    const median = (pick: (result: StepResult) => number): number => {
      const sorted = results.map(pick).sort((a, b) => a - b);
      return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
    };
    found[step] = {
      wallSeconds: median((result) => result.wallSeconds),
      cpuSeconds: median((result) => result.cpuSeconds),
      peakBytes: median((result) => result.peakBytes),
      storedBytes: median((result) => result.storedBytes),
    };
  }
  return found;
}

/** The report as a page for people. */
export function pageOf(result: BenchResult): string {
  const medians = new Map(result.contenders.map((contender) => [contender.name, mediansOf(contender)]));
  const { processor, processors, node, system } = result.machine;
  const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)}`;
  const measured = ['full', 're-run', '2 % changed', 'sibling', 'restore', 'check', 'check, full'] as const;
  const table = (title: string, cell: (result: StepResult) => string): string => {
    const rows = [...medians].map(([name, steps]) => {
      const cells = measured.map((step) => {
        const found = steps[step];
        return found === undefined ? '' : cell(found);
      });
      return `| ${name} | ${cells.join(' | ')} |`;
    });
    return `| ${title} | ${measured.join(' | ')} |\n|---|${measured.map(() => '---:').join('|')}|\n${rows.join('\n')}`;
  };
  return `# Benchmarks

What a key, a session and a start of the workbench cost: [benchmarks of the terminal](benchmarks-terminal.md).

Made by \`npm run bench\`, which anybody can run; the figures are in \`benchmarks.json\` too. Each figure is the median of ${result.rounds} rounds, each with a new repository,
all contenders one after the other in each round. Every command is a process of its own and is measured from its start to its end, with reading the
configuration, index, manifest and every fsync. Before each, memory that the kernel can give at once is made (in a virtual machine pages that
the host must find first cost ten times as much, and would be charged to whoever writes first). What is restored is compared byte for byte, outside of the time.

- Machine: ${processor}, ${processors} processors; ${system}; Node ${node}; images in the page cache. ${result.load}
- Workload: disks of ${mebibytes(result.workload.sizeBytes)} MiB with an ext4 file system of this machine's own files, ${mebibytes(result.workload.allocatedBytes)} MiB of data,
  ${mebibytes(result.workload.changedBytes)} MiB of it rewritten for *2 % changed*; seed ${result.workload.seed} (\`test/bench/workload.ts\`).
- Contenders: ${result.contenders.map(({ name, version }) => `${name} (${version})`).join('; ')}.
- restic and borg read the image again (\`--force\`, \`--files-cache disabled\`), as Holdfast does here: nobody tracks changes. *check* is Holdfast's fast tier
  (every record authenticated) against \`restic check --read-data\` and \`borg check --verify-data\`; *check, full* decompresses and hashes everything.

${table('wall, s', (step) => step.wallSeconds.toFixed(2))}

${table('processor, s', (step) => step.cpuSeconds.toFixed(2))}

${table('stored, MiB', (step) => (step.storedBytes / 2 ** 20).toFixed(1))}

${table('peak memory, MiB', (step) => mebibytes(step.peakBytes))}

## Against the targets
${targetsOf(medians)}
${boundsOf(result.profile)}`;
}

/** Shares of the processor time of each step, the largest named first; kinds that matter nowhere are left out. */
export function boundsOf(profile: BenchResult['profile']): string {
  if (profile === undefined) return '';
  const found = steps.flatMap((step) => (profile[step] === undefined ? [] : [{ step, shares: profile[step] }]));
  const shareOf = (shares: Shares, kind: (typeof kinds)[number]): number =>
    shares[kind] / Math.max(Number.MIN_VALUE, sum(Object.values(shares)));
  const shown = kinds.filter((kind) => found.some(({ shares }) => shareOf(shares, kind) >= 0.01));
  const percent = (share: number): string => `${Math.round(share * 100)}`;
  const rows = found.map(({ step, shares }) => {
    const [first = '', second = ''] = [...shown].sort((a, b) => shares[b] - shares[a]);
    return `| ${step} | ${first}, ${second} | ${shown.map((kind) => percent(shareOf(shares, kind))).join(' | ')} |`;
  });
  return `
## What bounds each figure
One more round of level 1, under the profiler (\`node --cpu-prof\`), which costs by itself: shares of its processor time in per cent. *cipher* is AES-256-GCM with the
memory that it answers in, *checksum* the CRC of packs, *collection* of garbage in the threads themselves; *unseen* is what no thread of JavaScript
sees: the compiler and the collector beside them, packs on their way to the disk, programs that are asked.

| | bounded by | ${shown.join(' | ')} |
|---|---|${shown.map(() => '---:').join('|')}|
${rows.join('\n')}
`;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((before, number) => before + number, 0);

/** The product's own targets, met or not. */
function targetsOf(medians: ReadonlyMap<string, Medians>): string {
  const fast = medians.get('holdfast, zstd 1');
  const even = medians.get('holdfast, zstd 3');
  const restic = medians.get('restic');
  const borg = medians.get('borg');
  const zstd = medians.get('zstd -1 -T2');
  const rows: string[] = [];
  const wall = (of: Medians | undefined, step: Step): number | undefined => of?.[step]?.wallSeconds;
  const stored = (of: Medians | undefined, step: Step): number | undefined => of?.[step]?.storedBytes;
  const row = (title: string, target: number, kind: 'at least' | 'at most', value: number | undefined): void => {
    if (value === undefined || !Number.isFinite(value)) return;
    const met = kind === 'at least' ? value >= target : value <= target;
    rows.push(`| ${title} | ${kind} ${target} × | ${value.toFixed(2)} × | ${met ? 'met' : 'missed'} |`);
  };
  const ratio = (above: number | undefined, below: number | undefined): number | undefined =>
    above === undefined || below === undefined ? undefined : above / below;
  row('full, zstd 3: faster than restic', 2, 'at least', ratio(wall(restic, 'full'), wall(even, 'full')));
  row('full, zstd 3: stored, of restic', 1.05, 'at most', ratio(stored(even, 'full'), stored(restic, 'full')));
  row('full, zstd 1: faster than restic', 3, 'at least', ratio(wall(restic, 'full'), wall(fast, 'full')));
  row('full, zstd 1: faster than borg', 3, 'at least', ratio(wall(borg, 'full'), wall(fast, 'full')));
  row('full, zstd 1: time of `zstd -1 -T2` alone', 1.05, 'at most', ratio(wall(fast, 'full'), wall(zstd, 'full')));
  row('re-run: faster than restic', 6, 'at least', ratio(wall(restic, 're-run'), wall(even, 're-run')));
  row('2 % changed: faster than restic', 8, 'at least', ratio(wall(restic, '2 % changed'), wall(even, '2 % changed')));
  row(
    '2 % changed: less stored than restic',
    4,
    'at least',
    ratio(stored(restic, '2 % changed'), stored(even, '2 % changed')),
  );
  row('sibling: stored, of restic', 1, 'at most', ratio(stored(even, 'sibling'), stored(restic, 'sibling')));
  row('restore: faster than restic', 3, 'at least', ratio(wall(restic, 'restore'), wall(even, 'restore')));
  row('restore: time of `zstd -d`', 1.2, 'at most', ratio(wall(even, 'restore'), wall(zstd, 'restore')));
  row('check, fast tier: faster than restic', 10, 'at least', ratio(wall(restic, 'check'), wall(even, 'check')));
  if (rows.length === 0) return 'Nothing to compare with was installed.';
  return `| | target | measured | |\n|---|---|---:|---|\n${rows.join('\n')}`;
}
