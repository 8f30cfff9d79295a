import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ThemeDeclaration } from '@holdfast/api';

/** A theme and where it lies. */
export type ThemeEntry = ThemeDeclaration & { readonly file: string };

/** `themes` of the checkout, or of the package, where this file lies in `dist`. */
function themesFolder(): string | null {
  const candidates = ['../../..', '../../../..'].map((up) => join(import.meta.dirname, up, 'themes'));
  return candidates.find((folder) => existsSync(join(folder, 'dark', 'package.json'))) ?? null;
}

function readListing(): readonly ThemeEntry[] {
  const folder = themesFolder();
  if (folder === null) return [];
  const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const entries = names.flatMap(({ name }) => {
    const manifest: { readonly contributes: { readonly themes: readonly ThemeDeclaration[] } } = JSON.parse(
      readFileSync(join(folder, name, 'package.json'), 'utf8'),
    );
    return manifest.contributes.themes.map((theme) => ({ ...theme, file: join(folder, name, theme.path) }));
  });
  return entries.toSorted((a, b) => order.indexOf(a.id) - order.indexOf(b.id));
}

const order = ['dark', 'light', 'high-contrast', 'colour-blind-safe', 'mono', 'sixteen', 'dusk'];

/** The themes that Holdfast brings; the first one is what a person sees who chose none. */
export const builtInThemes: readonly ThemeEntry[] = readListing();
