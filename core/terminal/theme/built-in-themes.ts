import { builtInThemes, type ThemeEntry } from '../../shell/themes/built-in.ts';

/** The themes that Holdfast brings, each with its file for `loadTheme`; the first is the usual one. */
export { builtInThemes, type ThemeEntry };
