import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Site } from '../contract.ts';
import { builtInThemes, type ThemeEntry } from './built-in.ts';

const mostOwn = 200;

/** A theme and whose it is: `Holdfast`, a plugin, or `own` for a file that a person dropped into `themes` beside the configuration. */
export type ListedTheme = ThemeEntry & { readonly owner: string };

/** Every theme that can be chosen; the first of an id has it. A file of one's own is called `own:` and its name without `.json`. */
export async function listThemes(site: Site): Promise<readonly ListedTheme[]> {
  const host = await site.host();
  const all = [
    ...builtInThemes.map((theme) => ({ ...theme, owner: 'Holdfast' })),
    ...host.themes().map(({ plugin, theme, file }) => ({ ...theme, file, owner: plugin })),
    ...(await ownThemes(join(site.folders.config, 'themes'))),
  ];
  const seen = new Set<string>();
  return all.filter(({ id }) => !seen.has(id) && seen.add(id));
}

async function ownThemes(folder: string): Promise<readonly ListedTheme[]> {
  const names = (await readdir(folder).catch((): string[] => [])).filter((name) => name.endsWith('.json'));
  return names
    .toSorted()
    .slice(0, mostOwn)
    .map((name) => {
      const label = basename(name, '.json');
      // What it is shows when it is read: the file says it, or its background does.
      return { id: `own:${label}`, label, uiTheme: 'vs-dark', path: name, file: join(folder, name), owner: 'own' };
    });
}
