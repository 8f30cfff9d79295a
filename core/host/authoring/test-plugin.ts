import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { HoldfastError, type LogLevel, makeCall } from '@holdfast/api';
import { type Check, differences, type Fixtures, type Report, runChecks } from '@holdfast/api/testing';
import { nativeImport } from '../activation/native-import.ts';
import { giveOwnCopy } from '../activation/own-copy.ts';
import type { PluginPlace } from '../contract.ts';
import { defaultGraceMs } from '../guard/patience.ts';
import type { Problem } from '../manifest/problem.ts';
import type { ReadContribution } from '../manifest/read.ts';
import { readPlugin } from '../manifest/read.ts';
import { LocalPluginHost } from '../plugin-host.ts';
import { defaultWorkerLimits } from '../rpc/worker-plugin.ts';
import { checksFor } from './contribution-checks.ts';

/** How one contribution did. */
export interface ContributionReport {
  readonly kind: ReadContribution['kind'];
  readonly id: string;
  readonly inProcess: Report;
  readonly acrossWorker: Report;
  /** Where the two differ; they must not. */
  readonly differences: readonly string[];
}

/** Answer of `testPlugin`. */
export interface PluginTestReport {
  readonly plugin: string;
  readonly ok: boolean;
  /** Everything wrong with manifest, schemas and sheets; nothing was run when there is any. */
  readonly problems: readonly Problem[];
  readonly contributions: readonly ContributionReport[];
  /** The author's own checks. */
  readonly own: Report;
}

/** What of a test may be chosen. */
export interface TestPluginOptions {
  readonly log?: (level: LogLevel, message: string) => void;
  /** Whether the plugin finds `@holdfast/*` by itself, as shipped ones do. Default is `false`. */
  readonly resolvesHere?: boolean;
  /** Where folders for the tests are made. Default is the system's. */
  readonly temporaryFolder?: string;
  /** Fixtures for a plugin that carries none. */
  readonly fixtures?: Fixtures;
}

const none: Report = { ok: true, results: [] };

/** Runs the conformance kit on a plugin's folder: in process, then across a worker, and compares. */
export async function testPlugin(folder: string, options: TestPluginOptions = {}): Promise<PluginTestReport> {
  const read = readPlugin(folder, folder, null);
  const plugin = read.manifest.name;
  if (read.problems.length > 0) return { plugin, ok: false, problems: read.problems, contributions: [], own: none };
  const { fixtures, checks } =
    options.fixtures === undefined
      ? await loadConformance(folder, options.resolvesHere ?? false)
      : { fixtures: options.fixtures, checks: [] };
  const contributions: ContributionReport[] = [];
  for (const contribution of read.contributions) {
    const { kind } = contribution;
    const { id } = contribution.contribution;
    const inProcess = await testIn('in-process', folder, contribution, fixtures, options);
    const acrossWorker = await testIn('worker', folder, contribution, fixtures, options);
    contributions.push({ kind, id, inProcess, acrossWorker, differences: differences(inProcess, acrossWorker) });
  }
  const own = await runChecks(checks);
  const ok =
    own.ok && contributions.every((one) => one.inProcess.ok && one.acrossWorker.ok && one.differences.length === 0);
  return { plugin, ok, problems: [], contributions, own };
}

interface Conformance {
  readonly fixtures: Fixtures;
  readonly checks: readonly Check[];
}

/** The plugin's `conformance.ts` or `.js`. One without it fails where a fixture is needed. */
async function loadConformance(folder: string, resolvesHere: boolean): Promise<Conformance> {
  const file = ['conformance.ts', 'conformance.js'].map((name) => join(folder, name)).find((path) => existsSync(path));
  if (file === undefined) return { fixtures: {}, checks: [] };
  if (!resolvesHere) giveOwnCopy(`${pathToFileURL(folder).href}/`);
  const module = await nativeImport(pathToFileURL(file).href);
  return {
    fixtures: (module.fixtures ?? {}) as Fixtures,
    checks: (module.checks ?? []) as readonly Check[],
  };
}

/** A plugin of its own for each contribution and place, in a folder of its own: nothing of one run is seen by the next. */
async function testIn(
  place: PluginPlace,
  folder: string,
  contribution: ReadContribution,
  fixtures: Fixtures,
  options: TestPluginOptions,
): Promise<Report> {
  const root = mkdtempSync(join(options.temporaryFolder ?? tmpdir(), 'holdfast-conformance-'));
  const { id } = contribution.contribution;
  try {
    const fixture = Object.hasOwn(fixtures, id) ? fixtures[id] : undefined;
    if (fixture === undefined) throw missingFixture(id);
    const fixtureFolder = join(root, 'fixture');
    mkdirSync(fixtureFolder);
    const prepared = await fixture.prepare(fixtureFolder);
    const host = hostFor(folder, place, root, options);
    try {
      const checks = await checksFor(contribution, prepared, host, makeCall({ who: 'conformance' }));
      return await runChecks(checks);
    } finally {
      await host.close();
      await prepared.dispose?.();
    }
  } catch (thrown) {
    const failure = thrown instanceof Error ? thrown.message : String(thrown);
    return { ok: false, results: [{ name: `${id} can be opened`, ok: false, seen: null, failure }] };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function hostFor(folder: string, place: PluginPlace, root: string, options: TestPluginOptions): LocalPluginHost {
  const read = readPlugin(folder, folder, null);
  // Whoever tests a folder runs what lies in it: there is nothing to pin.
  const found = { origin: 'added', folder, ...read, contentHash: '', trusted: true } as const;
  return new LocalPluginHost([found], {
    dataFolder: join(root, 'data'),
    treat: () => ({ place, resolvesHere: options.resolvesHere ?? false, isPinned: false }),
    limits: defaultWorkerLimits,
    graceMs: defaultGraceMs,
    now: Date.now,
    log: (_plugin, level, message) => options.log?.(level, message),
  });
}

function missingFixture(id: string): HoldfastError {
  return new HoldfastError('PLUGIN_INVALID', `conformance.ts has no fixture for ${id}`, {
    remedy: 'export `fixtures` with a member of this name from conformance.ts beside package.json',
    facts: { id },
  });
}
