import { statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { HoldfastError, type Manifest } from '@holdfast/api';
import type { Problem } from '../manifest/problem.ts';
import { readPlugin } from '../manifest/read.ts';
import { closerLook } from './closer-look.ts';
import { permissionWords } from './permission-words.ts';

/** What a look at a plugin's folder found. Nothing of it has run. */
export interface PluginCheck {
  readonly folder: string;
  readonly manifest: Manifest;
  /** Everything wrong with manifest, settings schemas and sheets; each gap of a sheet by its question. */
  readonly problems: readonly Problem[];
  readonly permissions: readonly string[];
}

/**
 * Checks a plugin's folder without running any of its code.
 * @throws `PLUGIN_NOT_FOUND` when there is no such folder.
 */
export function checkPlugin(folder: string): PluginCheck {
  const path = existingFolder(folder);
  const read = readPlugin(path, basename(path), null);
  const { manifest } = read;
  const problems = [...read.problems, ...closerLook(read)];
  return { folder: path, manifest, problems, permissions: permissionWords(manifest.permissions ?? {}) };
}

/** Absolute path of a folder that is there. */
export function existingFolder(folder: string): string {
  const path = resolve(folder);
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  if (isFolder) return path;
  throw new HoldfastError('PLUGIN_NOT_FOUND', `${path} is not a folder`, {
    remedy: 'name the folder that holds the plugin’s package.json',
    facts: { folder: path },
  });
}
