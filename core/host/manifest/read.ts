import { createRequire } from 'node:module';
import { extname } from 'node:path';
import {
  apiVersion,
  checkSheet,
  familiesOf,
  type Manifest,
  type NotifierContribution,
  questionsOf,
  type SheetFamily,
} from '@holdfast/api';
import { parseJson, pathWithin, readSmallText } from './files.ts';
import { FileProblem, type Problem } from './problem.ts';
import { manifestSchema } from './schema.ts';
import { shownProblems, themeProblems } from './shown.ts';
import { checkManifest, checkSettingsSchema } from './validator.ts';
import { Verdicts } from './verdicts.ts';

/** A contribution with what its files say. */
export interface ReadContribution {
  readonly kind: 'hypervisor' | 'target' | 'technique' | 'notifier';
  readonly contribution: NotifierContribution;
  readonly families: readonly SheetFamily[];
  readonly settings: Readonly<Record<string, unknown>>;
  /** The capability sheet; empty for a notifier, of which nothing is asked. */
  readonly answers: Readonly<Record<string, unknown>>;
}

/** What a plugin's folder says about it, read without running any of its code. */
export interface ReadPlugin {
  readonly manifest: Manifest;
  readonly contributions: readonly ReadContribution[];
  readonly problems: readonly Problem[];
}

type Satisfies = (version: string, range: string) => boolean;

const manifestFile = 'package.json';
/** Changes when this checker does, so that old verdicts are not taken for its own. */
const revision = JSON.stringify([apiVersion, 3, manifestSchema, questionsOf(Object.values(familiesOf).flat())]);

const nothing = (name: string): Manifest => ({
  name,
  version: '0.0.0',
  main: '',
  engines: { holdfast: '*' },
  contributes: {},
});

/** Reads and checks a plugin's folder. Never throws for what is in it: everything wrong is among the problems. */
export function readPlugin(folder: string, fallbackName: string, verdicts: Verdicts | null): ReadPlugin {
  const problems: Problem[] = [];
  const attempt = <T>(work: () => T): T | null => {
    try {
      return work();
    } catch (thrown) {
      if (!(thrown instanceof FileProblem)) throw thrown;
      problems.push(thrown.problem);
      return null;
    }
  };
  const text = attempt(() => readSmallText(folder, manifestFile));
  const value = text === null ? null : attempt(() => parseJson(text, manifestFile));
  if (text === null || value === null) return { manifest: nothing(fallbackName), contributions: [], problems };

  const texts = new Map<string, string>([[manifestFile, text]]);
  for (const file of filesNamed(value)) {
    const content = texts.has(file) ? null : attempt(() => readSmallText(folder, file));
    if (content !== null) texts.set(file, content);
  }
  const key = Verdicts.key([revision, ...[...texts].flat()]);
  const isKnownGood = problems.length === 0 && verdicts?.isGood(key) === true;
  if (!isKnownGood) {
    const found = checkManifest(value);
    problems.push(...found.map((f) => ({ file: manifestFile, ...f })));
    if (found.length > 0) return { manifest: nothing(nameIn(value) ?? fallbackName), contributions: [], problems };
  }
  // Checked by the schema just now, or when the verdict was made.
  const manifest = value as Manifest;
  attempt(() => mainModule(folder, manifest.main));
  const contributions: ReadContribution[] = [];
  for (const { kind, contribution, families, sheet } of contributionsOf(manifest)) {
    const settings = attempt(() => record(texts, contribution.settings));
    const answers = sheet === null ? {} : attempt(() => record(texts, sheet));
    if (settings === null || answers === null) continue;
    contributions.push({ kind, contribution, families, settings, answers });
    if (isKnownGood) continue;
    problems.push(...checkSettingsSchema(settings).map((f) => ({ file: contribution.settings, ...f })));
    if (sheet !== null) problems.push(...checkSheet(families, answers).map((f) => ({ file: sheet, ...f })));
  }
  if (!isKnownGood)
    problems.push(...contradictions(manifest), ...shownProblems(manifest), ...themeProblems(manifest, texts));
  if (!isKnownGood && problems.length === 0) verdicts?.addGood(key);
  return { manifest, contributions, problems: problems.filter(isFirst) };
}

/** Contributions may share a file: what is wrong with it is said once. */
const isFirst = (one: Problem, at: number, all: readonly Problem[]): boolean =>
  all.findIndex(({ file, path, message }) => file === one.file && path === one.path && message === one.message) === at;

/**
 * The module to import. A packaged plugin carries JavaScript where its manifest names TypeScript.
 * @throws {FileProblem} when there is neither.
 */
export function mainModule(folder: string, main: string): string {
  try {
    return pathWithin(folder, main);
  } catch (thrown) {
    if (extname(main) !== '.ts') throw thrown;
    try {
      return pathWithin(folder, `${main.slice(0, -3)}.js`);
    } catch {
      throw thrown;
    }
  }
}

interface Declared extends Pick<ReadContribution, 'kind' | 'contribution' | 'families'> {
  /** Path of the capability sheet; `null` where there is none. */
  readonly sheet: string | null;
}

/** Contributions that open or do something, with the families of questions that each must answer. */
function contributionsOf(manifest: Manifest): readonly Declared[] {
  const { hypervisors = [], targets = [], techniques = [], notifiers = [] } = manifest.contributes;
  const { hypervisor, target } = familiesOf;
  return [
    ...hypervisors.map((c) => ({
      kind: 'hypervisor' as const,
      contribution: c,
      families: hypervisor,
      sheet: c.answers,
    })),
    ...targets.map((c) => ({ kind: 'target' as const, contribution: c, families: target, sheet: c.answers })),
    ...techniques.map((c) => ({ kind: 'technique' as const, contribution: c, families: c.sheet, sheet: c.answers })),
    ...notifiers.map((c) => ({ kind: 'notifier' as const, contribution: c, families: [], sheet: null })),
  ];
}

/** Files that a manifest of any shape seems to name, in order; what is not a string is left to the schema. */
function filesNamed(manifest: unknown): readonly string[] {
  const sections = Object.values(member(manifest, 'contributes') ?? {}).filter((s) => Array.isArray(s));
  const names = sections
    .flat()
    .slice(0, 600)
    .flatMap((c: unknown) => [member(c, 'settings'), member(c, 'answers'), member(c, 'path')]);
  return [...new Set(names.filter((name) => typeof name === 'string' && name.length <= 300))] as readonly string[];
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;
}

function nameIn(manifest: unknown): string | null {
  const name = member(manifest, 'name');
  return typeof name === 'string' && /^[@a-z0-9/._-]{1,100}$/.test(name) ? name : null;
}

function record(texts: ReadonlyMap<string, string>, file: string): Readonly<Record<string, unknown>> {
  const value = parseJson(texts.get(file) ?? '', file);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new FileProblem(file, 'is not an object');
  }
  return value as Readonly<Record<string, unknown>>;
}

function contradictions(manifest: Manifest): readonly Problem[] {
  const problems: Problem[] = [];
  const range = manifest.engines.holdfast;
  const satisfies = createRequire(import.meta.url)('semver/functions/satisfies.js') as Satisfies;
  if (!satisfies(apiVersion, range)) {
    const message = `is ${range}, and this is Holdfast’s plugin API ${apiVersion}`;
    problems.push({ file: manifestFile, path: '/engines/holdfast', message });
  }
  const { keybindings: _, configuration: __, ...sections } = manifest.contributes;
  for (const [section, entries] of Object.entries(sections)) {
    const ids = entries.map((entry) => entry.id);
    for (const twice of new Set(ids.filter((id, index) => ids.indexOf(id) !== index))) {
      problems.push({ file: manifestFile, path: `/contributes/${section}`, message: `has ${twice} twice` });
    }
  }
  return problems;
}
