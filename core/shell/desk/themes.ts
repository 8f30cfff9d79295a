import type { ThemeDeclaration } from '@holdfast/api';
import type { Site } from '../contract.ts';
import { listThemes } from '../themes/all-themes.ts';

/** Themes that Holdfast brings, those of plugins, and those that a person dropped into `themes` beside the configuration. */
export async function allThemes(site: Site): Promise<readonly (ThemeDeclaration & { readonly file: string })[]> {
  return listThemes(site);
}
