import { mkdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { replaceFile } from '../../config/replace-file.ts';
import type { CheckReport } from '../../repository/contract.ts';
import type { Site } from '../contract.ts';

/** What the last look at a target found. */
export interface TargetCheck {
  readonly at: number;
  readonly state: 'ok' | 'warning' | 'failed';
  /** The worst that was found, in one line. */
  readonly detail: string;
  readonly freeBytes: number | null;
  readonly totalBytes: number | null;
}

/** What the last reading of a restore point found. */
export interface PointCheck {
  readonly at: number;
  readonly state: 'whole' | 'damaged';
}

/** What the last check of the repository on a target found. */
export interface RepositoryCheck {
  readonly at: number;
  readonly state: 'whole' | 'damaged';
  readonly tier: 'fast' | 'full';
  /** Objects that are damaged. */
  readonly damaged: number;
}

/** Checks that were made, for those who look later; losing them loses nothing else. */
export interface PastChecks {
  readonly targets: Readonly<Record<string, TargetCheck>>;
  /** By target and identity, `disk-main/8f2c…`. */
  readonly points: Readonly<Record<string, PointCheck>>;
  /** By target. */
  readonly repositories: Readonly<Record<string, RepositoryCheck>>;
}

const mostTargets = 1_000;
const mostPoints = 20_000;
const mostBytes = 4 * 1024 * 1024;
const nothing: PastChecks = { targets: {}, points: {}, repositories: {} };

const fileOf = (site: Site): string => join(site.folders.data, 'past-checks.json');

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Entries that are what they should be, the newest last. */
function sound<T extends { readonly at: number; readonly state: string }>(value: unknown, states: readonly string[]) {
  const entries = Object.entries(isRecord(value) ? value : {}).filter((entry): entry is [string, T] => {
    const [key, one] = entry;
    return key.length < 1000 && isRecord(one) && typeof one.at === 'number' && states.includes(String(one.state));
  });
  return Object.fromEntries(entries) as Record<string, T>;
}

export async function pastChecks(site: Site): Promise<PastChecks> {
  const file = fileOf(site);
  try {
    if ((await stat(file)).size > mostBytes) return nothing;
    const value: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (!isRecord(value)) return nothing;
    return {
      targets: sound<TargetCheck>(value.targets, ['ok', 'warning', 'failed']),
      points: sound<PointCheck>(value.points, ['whole', 'damaged']),
      repositories: sound<RepositoryCheck>(value.repositories, ['whole', 'damaged']),
    };
  } catch {
    return nothing;
  }
}

/** Remembers checks besides those that are known. A folder that cannot be written is no error. */
export async function rememberChecks(site: Site, found: Partial<PastChecks>): Promise<void> {
  const known = await pastChecks(site);
  const newest = <T>(old: Readonly<Record<string, T>>, fresh: Readonly<Record<string, T>> = {}, most: number) => {
    const kept = Object.entries(old).filter(([key]) => !Object.hasOwn(fresh, key));
    return Object.fromEntries([...kept, ...Object.entries(fresh)].slice(-most));
  };
  const checks: PastChecks = {
    targets: newest(known.targets, found.targets, mostTargets),
    points: newest(known.points, found.points, mostPoints),
    repositories: newest(known.repositories, found.repositories, mostTargets),
  };
  const file = fileOf(site);
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await replaceFile(file, JSON.stringify({ version: 1, ...checks }), { mode: 0o600 });
  } catch {
    // It was only for people to look at later.
  }
}

/** What a check of a whole repository says of its restore points. A fast one only finds damage; a full one has read every byte. */
export async function rememberReport(site: Site, target: string, report: CheckReport): Promise<void> {
  const at = site.now();
  const damaged = new Set(report.damage.flatMap(({ concerns }) => concerns.map(({ point }) => point)));
  const points: Record<string, PointCheck> = {};
  if (report.tier === 'full') {
    for (const { point } of await (await site.catalog()).points({ target })) {
      points[pointKey(target, point)] = { at, state: 'whole' };
    }
  }
  for (const point of damaged) points[pointKey(target, point)] = { at, state: 'damaged' };
  const { tier, damage } = report;
  const state = damage.length === 0 ? 'whole' : 'damaged';
  await rememberChecks(site, { points, repositories: { [target]: { at, state, tier, damaged: damage.length } } });
}

export const pointKey = (target: string, point: string): string => `${target}/${point}`;
