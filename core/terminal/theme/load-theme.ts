import type { Rgb } from '../../model/theme/colour.ts';
import { pairContrast } from '../../model/theme/pairs.ts';
import { type Colours, resolveColours } from '../../model/theme/resolve.ts';
import { type ColourToken, colourTokens } from '../../model/theme/tokens.ts';
import { readThemeFile, type ThemeKind } from '../../shell/themes/theme-file.ts';
import type { Theme } from '../contract.ts';

class ResolvedTheme implements Theme {
  readonly id: string;
  readonly label: string;
  readonly kind: ThemeKind;
  readonly #colours: Colours;

  constructor(id: string, label: string, kind: ThemeKind, colours: Colours) {
    this.id = id;
    this.label = label;
    this.kind = kind;
    this.#colours = colours;
  }

  colour(token: ColourToken): Rgb | null {
    return this.#colours.get(token) ?? null;
  }
}

/**
 * Reads a theme file in VS Code's format.
 * @param uiTheme What its manifest says it is, for a file that does not say so itself.
 * @throws `THEME_INVALID` when it cannot be read, is no JSON, is too large, or includes what lies outside of its folder.
 */
export async function loadTheme(file: string, id: string, label: string, uiTheme?: string): Promise<Theme> {
  const { kind, colours } = await readThemeFile(file, uiTheme);
  return new ResolvedTheme(id, label, kind, colours);
}

/** A dark theme that needs no file: for a first frame, and where a chosen one cannot be read. */
export const defaultTheme: Theme = new ResolvedTheme('default', 'Default', 'dark', resolveColours(new Map(), 'dark'));

/** How well text of one colour is read on the other: 1 to 21; `null` where both are the terminal's own. */
export function contrast(theme: Theme, text: ColourToken, on: ColourToken): number | null {
  return pairContrast(new Map(colourTokens.map((token) => [token, theme.colour(token)])), [text, on]);
}
