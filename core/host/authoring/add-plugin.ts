import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, lstatSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join, sep } from 'node:path';
import { HoldfastError, type Manifest } from '@holdfast/api';
import { folderName } from '../folder-name.ts';
import { contentHash } from '../manifest/fingerprint.ts';
import { FileProblem } from '../manifest/problem.ts';
import { TrustStore } from '../trust/trust-store.ts';
import { checkPlugin } from './check-plugin.ts';
import type { PluginFolders } from './folders.ts';

/** A plugin that was copied into the data folder. It runs once it is trusted. */
export interface AddedPlugin {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
  readonly contentHash: string;
  readonly permissions: readonly string[];
}

/** What of adding may be chosen. */
export interface AddOptions {
  /** Whether it takes the place of one of the same name. Default is `false`. */
  readonly update?: boolean;
}

/**
 * Copies a plugin into the data folder, all of it or nothing. Runs none of its code. An update is not trusted until it is
 * trusted anew; the plugin's own data stays.
 * @throws `PLUGIN_INVALID` with the first problem, `PLUGIN_EXISTS`, `FOLDER_UNWRITABLE`.
 */
export function addPlugin(folders: PluginFolders, folder: string, options: AddOptions = {}): AddedPlugin {
  const { folder: from, manifest, problems, permissions } = checkPlugin(folder);
  const [first] = problems;
  if (first !== undefined) {
    throw new HoldfastError('PLUGIN_INVALID', `${manifest.name}: ${first.file}${first.path} ${first.message}`, {
      remedy: `correct it; \`holdfast plugin check ${from}\` shows all ${problems.length} of them`,
      facts: { folder: from, problems: problems.length },
    });
  }
  const to = join(folders.addedFolder, folderName(manifest.name));
  if (options.update !== true && existsSync(to)) {
    throw new HoldfastError('PLUGIN_EXISTS', `${manifest.name} has been added already`, {
      remedy: `\`holdfast plugin add ${from} --update\` puts this one in its place`,
      facts: { plugin: manifest.name },
    });
  }
  const draft = join(folders.addedFolder, `.adding-${randomBytes(6).toString('hex')}`);
  try {
    mkdirSync(folders.addedFolder, { recursive: true, mode: 0o700 });
    copyPlugin(from, draft, manifest);
    const hash = contentHash(draft);
    if (existsSync(to)) {
      new TrustStore(folders.addedFolder).distrust(manifest.name);
      replace(to, draft);
    } else renameSync(draft, to);
    return { name: manifest.name, version: manifest.version, folder: to, contentHash: hash, permissions };
  } catch (thrown) {
    rmSync(draft, { recursive: true, force: true });
    throw refusal(thrown, manifest.name, folders.addedFolder);
  }
}

/** Puts the new one in the place of the old one, which comes back when that fails. */
function replace(to: string, draft: string): void {
  const old = `${draft}-old`;
  renameSync(to, old);
  try {
    renameSync(draft, to);
  } catch (thrown) {
    renameSync(old, to);
    throw thrown;
  }
  rmSync(old, { recursive: true, force: true });
}

/**
 * Copies what belongs to the plugin: not what belongs to its version control, and of the packages in `node_modules` only
 * where it depends on some besides the host's own.
 */
function copyPlugin(from: string, to: string, manifest: Manifest): void {
  const dependencies = Object.keys((manifest as { readonly dependencies?: object }).dependencies ?? {});
  const needsPackages = dependencies.some((name) => !name.startsWith('@holdfast/'));
  // Before anything is copied: neither links nor more than a plugin may hold.
  contentHash(from, ['.git', '.bin', '@holdfast', ...(needsPackages ? [] : ['node_modules'])]);
  cpSync(from, to, {
    recursive: true,
    errorOnExist: true,
    verbatimSymlinks: true,
    filter: (path) => {
      const name = basename(path);
      const inner = path.slice(from.length).split(sep);
      if (name === '.git' || name === '.bin') return false;
      if (inner.includes('node_modules') && (!needsPackages || name === '@holdfast')) return false;
      return !lstatSync(path).isSymbolicLink();
    },
  });
}

function refusal(thrown: unknown, plugin: string, folder: string): unknown {
  if (thrown instanceof FileProblem) {
    const { file, message } = thrown.problem;
    return new HoldfastError('PLUGIN_INVALID', `${plugin}: ${file} ${message}`, {
      remedy: 'a plugin is a folder of plain files; copy what a link names into it',
      facts: { plugin, file },
    });
  }
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  if (!['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'ENOENT', 'ENOTDIR'].includes(code)) return thrown;
  return new HoldfastError('FOLDER_UNWRITABLE', `cannot copy ${plugin} into ${folder}: ${code}`, {
    facts: { plugin, folder, reason: code },
    cause: thrown,
  });
}
