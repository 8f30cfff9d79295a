import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FileProblem } from './problem.ts';

const maxFiles = 20_000;
const maxBytes = 256 * 1024 * 1024;

/** A file of a plugin's folder, with its path relative to it. */
export interface PluginFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/**
 * All files of a plugin's folder in order of name, `/` between segments. Links and everything else that is no plain file
 * are refused: what a hash stands for must lie in the folder.
 * @param without Names of folders that are left out, at any depth.
 * @throws {FileProblem}
 */
export function* pluginFiles(folder: string, without: readonly string[] = []): Generator<PluginFile> {
  let files = 0;
  let bytes = 0;
  const walk = function* (relative: string): Generator<PluginFile> {
    const entries = readdirSync(join(folder, relative), { withFileTypes: true });
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = relative === '' ? entry.name : `${relative}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!without.includes(entry.name)) yield* walk(path);
        continue;
      }
      if (!entry.isFile()) throw new FileProblem(path, entry.isSymbolicLink() ? 'is a link' : 'is not a plain file');
      const content = readFileSync(join(folder, path));
      files += 1;
      bytes += content.length;
      if (files > maxFiles) throw new FileProblem(path, `is one of more than ${maxFiles} files`);
      if (bytes > maxBytes) throw new FileProblem(path, `makes the plugin larger than ${maxBytes / 1024 / 1024} MiB`);
      yield { path, bytes: content };
    }
  };
  yield* walk('');
}

/** SHA-256 over names and contents of a plugin's files, in hexadecimal. */
export function contentHash(folder: string, without: readonly string[] = []): string {
  const hash = createHash('sha256');
  for (const { path, bytes } of pluginFiles(folder, without)) {
    hash.update(`${Buffer.byteLength(path)}:${path}${bytes.length}:`).update(bytes);
  }
  return hash.digest('hex');
}
