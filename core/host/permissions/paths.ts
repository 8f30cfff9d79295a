import { realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join, normalize, sep } from 'node:path';

/**
 * Where a path really leads: links resolved as far as the path exists, the rest as it stands. `null` for a path that is
 * not absolute or cannot be one.
 */
export function realPath(path: string): string | null {
  if (!isAbsolute(path) || path.includes('\0')) return null;
  let known = normalize(path);
  const missing: string[] = [];
  for (;;) {
    try {
      return join(realpathSync(known), ...missing);
    } catch (thrown) {
      const code = thrown instanceof Error && 'code' in thrown ? thrown.code : null;
      // A loop of links, a folder that may not be searched: nothing can be said about where it leads.
      if (code !== 'ENOENT' || dirname(known) === known) return null;
      missing.unshift(basename(known));
      known = dirname(known);
    }
  }
}

/** Whether a granted path, a file or a folder with all beneath it, covers a path. Both as they really are. */
export function covers(granted: string, path: string): boolean {
  if (granted === '*') return true;
  const home = granted.startsWith('~/') ? join(homedir(), granted.slice(2)) : granted;
  const root = realPath(home);
  if (root === null) return false;
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}
