import type { Measured } from '../measure.ts';
import type { Workload } from '../workload.ts';
import type { LiveRound } from './run.ts';

/** All that was measured. */
export interface LiveResult {
  readonly at: string;
  readonly rounds: number;
  readonly workload: Workload;
  readonly streams: number;
  readonly largeBytes: number;
  readonly machine: {
    readonly processor: string;
    readonly kernel: string;
    readonly node: string;
    readonly load: readonly number[];
  };
  readonly versions: { readonly qemu: string | null; readonly restic: string | null };
  readonly results: readonly (LiveRound & { readonly restic: Measured })[];
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const MiB = 2 ** 20;

/** The page that is committed. */
export function pageOf(result: LiveResult): string {
  const { workload, machine, versions, results } = result;
  const of = (read: (round: LiveResult['results'][number]) => number): number => median(results.map(read));
  const idle = of(({ idle: { wallSeconds } }) => wallSeconds);
  const ratio = of(({ changed, restic }) => changed.wallSeconds / restic.wallSeconds);
  const memory = of(({ four }) => four.peakBytes) / MiB;
  const row = (name: string, read: (round: LiveResult['results'][number]) => Measured): string =>
    `| ${name} | ${of((round) => read(round).wallSeconds).toFixed(2)} | ${of((round) => read(round).cpuSeconds).toFixed(2)} | ${(of((round) => read(round).peakBytes) / MiB).toFixed(0)} |`;
  const verdict = (isMet: boolean): string => (isMet ? 'met' : 'missed');
  return `# Benchmarks of live machines

Made by \`npm run bench:live\`, which anybody can run. Each figure is the median of ${result.rounds} rounds, each with a new repository. The machine is a QEMU whose
processor stands still: its disk is live, changes are tracked by a dirty bitmap, and only the benchmark writes to it. Every command is a process of its own,
measured from its start to its end. restic reads the same bytes through a file, in the same round.

- Machine: ${machine.processor}, 2 processors; Linux ${machine.kernel}; Node ${machine.node}. Load at the end: ${machine.load.map((one) => one.toFixed(1)).join(', ')}.
- ${versions.qemu ?? 'no QEMU'}; ${versions.restic ?? 'no restic'}.
- Workload: a disk of ${(result.largeBytes / 1e9).toFixed(0)} GB with ${(workload.allocatedBytes / MiB).toFixed(0)} MiB of data; ${(workload.changedBytes / MiB).toFixed(0)} MiB of it rewritten for *2 % changed*.

| | wall, s | processor, s | peak memory, MiB |
|---|---:|---:|---:|
${row('full', ({ full }) => full)}
${row('incremental, nothing changed', ({ idle: one }) => one)}
${row('incremental, 2 % changed', ({ changed }) => changed)}
${row('restic, 2 % changed, read through a file', ({ restic }) => restic)}
${row(`${result.streams} machines at once, full`, ({ four }) => four)}

| target | at most | measured | |
|---|---:|---:|---|
| incremental of an idle machine of 100 GB | 3 s | ${idle.toFixed(2)} s | ${verdict(idle <= 3)} |
| incremental of 2 % changed, of restic's time | 5 % | ${(ratio * 100).toFixed(1)} % | ${verdict(ratio <= 0.05)} |
| memory while ${result.streams} streams run | 256 MiB | ${memory.toFixed(0)} MiB | ${verdict(memory <= 256)} |
`;
}
