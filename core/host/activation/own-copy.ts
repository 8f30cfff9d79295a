import { registerHooks } from 'node:module';
import { extname } from 'node:path';

/** Folders, as URLs that end in `/`, whose modules get the host's copy of the API. */
const folders = new Set<string>();
let isRegistered = false;

/**
 * Where the host's own copy of one of its packages is, or `null` for anything else. A checkout runs `.ts`, a package
 * `.js`: the copy has the extension of this module.
 */
export function ownCopy(specifier: string): string | null {
  if (!specifier.startsWith('@holdfast/')) return null;
  const extension = extname(new URL(import.meta.url).pathname);
  const core = (path: string): string => new URL(`../../${path}${extension}`, import.meta.url).href;
  if (specifier === '@holdfast/api') return core('api/index');
  if (specifier === '@holdfast/api/testing') return core('api/testing/index');
  const kit = /^@holdfast\/kit\/([a-z0-9-]+(?:\/[a-z0-9-]+)*)$/.exec(specifier);
  return kit === null ? null : core(`kit/${kit[1]}`);
}

/**
 * From now on, modules below this folder find `@holdfast/api`, its test kit and `@holdfast/kit` in the host's own copy,
 * in this thread. The hook is set up on first use, so that nothing else pays for it.
 * @param folderUrl `file:` URL that ends in `/`.
 */
export function giveOwnCopy(folderUrl: string): void {
  folders.add(folderUrl);
  if (isRegistered) return;
  isRegistered = true;
  registerHooks({
    resolve(specifier, context, next) {
      const own = specifier.startsWith('@holdfast/') && isWithin(context.parentURL) ? ownCopy(specifier) : null;
      return own === null ? next(specifier, context) : { url: own, shortCircuit: true };
    },
  });
}

function isWithin(url: string | undefined): boolean {
  if (url === undefined) return false;
  for (const folder of folders) if (url.startsWith(folder)) return true;
  return false;
}
