import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { HoldfastError, type LogLevel, makeCall } from '@holdfast/api';
import {
  type Check,
  type CheckOptions,
  type CheckResult,
  differences,
  type Fixtures,
  type Prepared,
  type Report,
  runChecks,
} from '@holdfast/api/testing';
import { nativeImport } from '../activation/native-import.ts';
import { giveOwnCopy } from '../activation/own-copy.ts';
import type { PluginPlace } from '../contract.ts';
import { defaultGraceMs } from '../guard/patience.ts';
import type { Problem } from '../manifest/problem.ts';
import type { ReadContribution } from '../manifest/read.ts';
import { readPlugin } from '../manifest/read.ts';
import { LocalPluginHost } from '../plugin-host.ts';
import { defaultWorkerLimits } from '../rpc/worker-limits.ts';
import { type CrashableHost, checksFor, commandChecks, crashChecksFor } from './contribution-checks.ts';

/** How one contribution did. */
export interface ContributionReport {
  readonly kind: ReadContribution['kind'] | 'command';
  readonly id: string;
  readonly inProcess: Report;
  readonly acrossWorker: Report;
  /** What was left when the plugin's worker was ended in the middle of its work. */
  readonly afterCrash: Report;
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
  /** How many objects a store is filled with, for a quick run. Default is what the fixture says, or 10,000. */
  readonly manyObjects?: number;
  /** Fixtures for a plugin that carries none. */
  readonly fixtures?: Fixtures;
  /** Told how far the test has got. */
  readonly told?: (event: TestEvent) => void;
}

/** One of the passes over a contribution. */
export type TestPlace = 'inProcess' | 'acrossWorker' | 'afterCrash';

/** How far a test has got. */
export type TestEvent =
  | { readonly at: 'place'; readonly kind: ContributionReport['kind']; readonly id: string; readonly place: TestPlace }
  | { readonly at: 'own' }
  | { readonly at: 'check'; readonly name: string; readonly limitMs: number }
  | { readonly at: 'checked'; readonly result: CheckResult }
  | { readonly at: 'contribution'; readonly report: ContributionReport };

const none: Report = { ok: true, results: [] };

/** Runs the conformance kit on a plugin's folder: in process, then across a worker, and compares. */
export async function testPlugin(folder: string, options: TestPluginOptions = {}): Promise<PluginTestReport> {
  const manifest = readPlugin(folder, folder, null);
  const plugin = manifest.manifest.name;
  const { problems } = manifest;
  if (problems.length > 0) return { plugin, ok: false, problems, contributions: [], own: none };
  const { fixtures, checks: ownChecks } =
    options.fixtures === undefined
      ? await loadConformance(folder, options.resolvesHere ?? false)
      : { fixtures: options.fixtures, checks: [] };
  const contributions: ContributionReport[] = [];
  const root = mkdtempSync(join(options.temporaryFolder ?? tmpdir(), 'holdfast-conformance-'));
  const tryIn = (place: PluginPlace, trial: Trial) => tryOnce(place, folder, join(root, 'here'), trial, options);
  const compare = async (kind: ContributionReport['kind'], id: string, trial: Trial, crashTrial: Trial | null) => {
    options.told?.({ at: 'place', kind, id, place: 'inProcess' });
    const inProcess = await tryIn('in-process', trial);
    options.told?.({ at: 'place', kind, id, place: 'acrossWorker' });
    const acrossWorker = await tryIn('worker', trial);
    options.told?.({ at: 'place', kind, id, place: 'afterCrash' });
    const afterCrash = crashTrial === null ? none : await tryIn('worker', crashTrial);
    const found = differences(inProcess, acrossWorker);
    const report = { kind, id, inProcess, acrossWorker, afterCrash, differences: found };
    contributions.push(report);
    options.told?.({ at: 'contribution', report });
  };
  try {
    for (const read of manifest.contributions) {
      const { id } = read.contribution;
      const prepare = async (at: string): Promise<Prepared> => ({
        ...(await prepareFixture(fixtures, id, at)),
        ...(options.manyObjects === undefined ? {} : { manyObjects: options.manyObjects }),
      });
      const checks: Trial['checks'] = (prepared, host) => checksFor(read, prepared, host, call);
      const crash: Trial['checks'] = async (prepared, host) =>
        crashChecksFor(read, prepared, crashable(host, plugin), call);
      await compare(read.kind, id, { prepare, checks }, { prepare, checks: crash });
    }
    for (const command of manifest.manifest.contributes.commands ?? []) {
      const prepare = async (): Promise<Prepared> => ({ settings: {} });
      const checks: Trial['checks'] = async (_prepared, host) => commandChecks(command, host, call);
      await compare('command', command.id, { prepare, checks }, null);
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
  options.told?.({ at: 'own' });
  const own = await runChecks(ownChecks, telling(options));
  const ok =
    own.ok &&
    contributions.every(
      (one) => one.inProcess.ok && one.acrossWorker.ok && one.afterCrash.ok && one.differences.length === 0,
    );
  return { plugin, ok, problems: [], contributions, own };
}

const call = makeCall({ who: 'conformance' });

/** What is tried, and on what. */
interface Trial {
  readonly prepare: (folder: string) => Promise<Prepared>;
  readonly checks: (prepared: Prepared, host: LocalPluginHost) => Promise<readonly Check[]>;
}

async function prepareFixture(fixtures: Fixtures, id: string, folder: string): Promise<Prepared> {
  const fixture = Object.hasOwn(fixtures, id) ? fixtures[id] : undefined;
  if (fixture === undefined) throw missingFixture(id);
  return await fixture.prepare(folder);
}

const crashable = (host: LocalPluginHost, plugin: string): CrashableHost => ({
  openHypervisor: (opening, call) => host.openHypervisor(opening, call),
  openObjectStore: (opening, call) => host.openObjectStore(opening, call),
  crash: () => host.crash(plugin),
});

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

/**
 * A host of its own for each trial. The folder is the same for all, so that what names it can be compared, and is empty
 * each time: nothing of one trial is seen by the next.
 */
async function tryOnce(
  place: PluginPlace,
  folder: string,
  root: string,
  trial: Trial,
  options: TestPluginOptions,
): Promise<Report> {
  mkdirSync(root);
  try {
    const fixtureFolder = join(root, 'fixture');
    mkdirSync(fixtureFolder);
    const prepared = await trial.prepare(fixtureFolder);
    const host = hostFor(folder, place, root, options);
    try {
      const { limitMs } = prepared;
      const how = { ...telling(options), ...(limitMs === undefined ? {} : { limitMs }) };
      return await runChecks(await trial.checks(prepared, host), how);
    } finally {
      await host.close();
      await prepared.dispose?.();
    }
  } catch (thrown) {
    const failure = thrown instanceof Error ? thrown.message : String(thrown);
    return { ok: false, results: [{ name: 'the contribution can be opened', ok: false, seen: null, failure }] };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

const telling = ({ told }: TestPluginOptions): Pick<CheckOptions, 'begins' | 'ended'> => ({
  begins: (name, limitMs) => told?.({ at: 'check', name, limitMs }),
  ended: (result) => told?.({ at: 'checked', result }),
});

function hostFor(folder: string, place: PluginPlace, root: string, options: TestPluginOptions): LocalPluginHost {
  const read = readPlugin(folder, folder, null);
  // Whoever tests a folder runs what lies in it: there is nothing to pin.
  const found = { origin: 'added', folder, ...read, contentHash: '', trusted: true } as const;
  return new LocalPluginHost([found], {
    dataFolder: join(root, 'data'),
    treat: () => ({ place, resolvesHere: options.resolvesHere ?? false, isPinned: false }),
    // Crashes are made on purpose here.
    limits: { ...defaultWorkerLimits, crashes: Number.POSITIVE_INFINITY },
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
