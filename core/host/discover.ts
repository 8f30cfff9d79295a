import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { FoundPlugin, PluginOrigin } from './contract.ts';
import { contentHash } from './manifest/fingerprint.ts';
import { FileProblem, type Problem } from './manifest/problem.ts';
import { type ReadContribution, readPlugin } from './manifest/read.ts';
import type { Verdicts } from './manifest/verdicts.ts';
import type { TrustStore } from './trust/trust-store.ts';

/** A plugin that was found, with what its files say. */
export interface Discovered extends FoundPlugin {
  readonly contributions: readonly ReadContribution[];
}

/** Folders that are no part of a shipped plugin's content. */
export const shippedWithout: readonly string[] = ['node_modules'];

/** Finds all plugins, in order of name; shipped ones first where two want the same name or the same contribution. */
export function discover(
  shippedFolder: string,
  addedFolder: string,
  trust: TrustStore,
  verdicts: Verdicts | null,
): readonly Discovered[] {
  const shipped = subfolders(shippedFolder).flatMap((kind) => subfolders(kind));
  const found = [
    ...shipped.map((folder) => readShipped(folder, verdicts)).filter((p) => p !== null),
    ...subfolders(addedFolder).map((folder) => readAdded(folder, trust, verdicts)),
  ];
  return withoutClashes(found).toSorted((a, b) => (a.manifest.name < b.manifest.name ? -1 : 1));
}

function readShipped(folder: string, verdicts: Verdicts | null): Discovered | null {
  const read = readPlugin(folder, baseName(folder), verdicts);
  // A folder without any manifest is not a plugin that is broken, it is no plugin.
  if (read.problems.some((p) => p.file === 'package.json' && p.message === 'is not there')) return null;
  let hash: string | null = null;
  return {
    origin: 'shipped' satisfies PluginOrigin,
    folder,
    ...read,
    trusted: true,
    // Nobody needs it at every start: it is worked out when asked for.
    get contentHash() {
      hash ??= contentHash(folder, shippedWithout);
      return hash;
    },
  };
}

/** Reads one added plugin. */
export function readAdded(folder: string, trust: TrustStore, verdicts: Verdicts | null): Discovered {
  const read = readPlugin(folder, baseName(folder), verdicts);
  const problems: Problem[] = [...read.problems];
  let hash = '';
  try {
    hash = contentHash(folder);
  } catch (thrown) {
    problems.push(
      thrown instanceof FileProblem ? thrown.problem : { file: '', path: '', message: 'cannot be read in full' },
    );
  }
  const trusted = hash !== '' && trust.isTrusted(read.manifest.name, hash);
  return { origin: 'added', folder, ...read, problems, contentHash: hash, trusted };
}

function subfolders(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules')
      .map((entry) => join(folder, entry.name))
      .toSorted((a, b) => (a < b ? -1 : 1));
  } catch {
    return [];
  }
}

const baseName = (folder: string): string => folder.slice(folder.lastIndexOf('/') + 1);

/** The later of two plugins that want the same name or contribution is left out of use, and says why. */
function withoutClashes(found: readonly Discovered[]): readonly Discovered[] {
  const owners = new Map<string, string>();
  return found.map((plugin) => {
    const { name, contributes } = plugin.manifest;
    const wanted = [
      ['', `the name ${name}`],
      ...(contributes.hypervisors ?? []).map((c) => ['/contributes/hypervisors', `the hypervisor ${c.id}`]),
      ...(contributes.targets ?? []).map((c) => ['/contributes/targets', `the target ${c.id}`]),
      ...(contributes.techniques ?? []).map((c) => ['/contributes/techniques', `the technique ${c.id}`]),
      ...(contributes.commands ?? []).map((c) => ['/contributes/commands', `the command ${c.id}`]),
    ] as const;
    const clashes = wanted.filter(([, what]) => what !== undefined && owners.has(what));
    if (clashes.length === 0) {
      for (const [, what] of wanted) if (what !== undefined) owners.set(what, name);
      return plugin;
    }
    const problems = clashes.map(([path = '', what = '']) => ({
      file: 'package.json',
      path,
      message: `wants ${what}, which ${owners.get(what)} has`,
    }));
    return Object.defineProperties({} as Discovered, {
      ...Object.getOwnPropertyDescriptors(plugin),
      problems: { value: [...plugin.problems, ...problems], enumerable: true },
    });
  });
}
