import { availableParallelism, cpus, loadavg, release } from 'node:os';

/** One line of the report. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** `null` where it is only told. */
  readonly atMost: number | null;
  /** How it was measured, where the name does not tell. */
  readonly how?: string;
}

/** Another program under the same keys in the same terminal. */
export interface Peer {
  readonly name: string;
  readonly version: string;
  readonly within: KeyTimes;
  readonly scrolling: KeyTimes;
}

/** What pressing a key did, over many of them. */
export interface KeyTimes {
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Until it became quiet, on average. */
  readonly bytes: number;
  readonly keys: number;
}

export interface TerminalResult {
  readonly at: string;
  readonly machine: string;
  readonly load: string;
  readonly figures: readonly Figure[];
  readonly peers: readonly Peer[];
}

export const machineLine = (): string =>
  `${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} processors; Linux ${release()}; Node ${process.version}`;

export const loadLine = (): string => loadavg()[0]?.toFixed(1) ?? '';

/** The value below which this part of all lies. */
export function part(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

export const median = (values: readonly number[]): number => part(values, 0.5);

export function keyTimes(waits: readonly number[], bytes: number): KeyTimes {
  return { p50Ms: part(waits, 0.5), p99Ms: part(waits, 0.99), bytes: bytes / waits.length, keys: waits.length };
}
