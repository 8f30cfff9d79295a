import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ThemeDeclaration } from '@holdfast/api';
import type { Site } from '../contract.ts';

const mostOwn = 200;

/** Names of the themes that Holdfast brings, and of those that a person dropped into `themes` beside the configuration, and of plugins. */
export async function allThemes(site: Site): Promise<readonly (ThemeDeclaration & { readonly file: string })[]> {
  const host = await site.host();
  const contributed = host.themes().map(({ theme, file }) => ({ ...theme, file }));
  const folder = join(site.folders.config, 'themes');
  const names = (await readdir(folder).catch((): string[] => [])).filter((name) => name.endsWith('.json'));
  const own = names.toSorted().slice(0, mostOwn).map((name): ThemeDeclaration & { readonly file: string } => {
    const id = basename(name, '.json');
    return { id: `own:${id}`, label: id, uiTheme: 'vs-dark', path: name, file: join(folder, name) };
  });
  return [...contributed, ...own];
}
