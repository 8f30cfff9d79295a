import { parseColour, type Rgb } from './colour.ts';
import type { ColourToken } from './tokens.ts';

/** Whether a theme is drawn light on dark or dark on light. */
export type Brightness = 'dark' | 'light';

const rgb = (text: string): Rgb => parseColour(text)?.rgb ?? [0, 0, 0];

/** Colours that a theme which says nothing else has: all others follow from these. */
const defaults: Readonly<Record<Brightness, Readonly<Partial<Record<ColourToken, Rgb>>>>> = {
  dark: {
    'editor.background': rgb('#15181d'),
    'editor.foreground': rgb('#d5dae1'),
    focusBorder: rgb('#4aa3ff'),
    'terminal.ansiBlack': rgb('#0b0d10'),
    'terminal.ansiRed': rgb('#ff7b72'),
    'terminal.ansiGreen': rgb('#5fd38d'),
    'terminal.ansiYellow': rgb('#f0b849'),
    'terminal.ansiBlue': rgb('#6cb6ff'),
    'terminal.ansiMagenta': rgb('#d2a8ff'),
    'terminal.ansiCyan': rgb('#56d4dd'),
    'terminal.ansiWhite': rgb('#c9d1d9'),
    'terminal.ansiBrightBlack': rgb('#8b949e'),
    'terminal.ansiBrightWhite': rgb('#ffffff'),
  },
  light: {
    'editor.background': rgb('#ffffff'),
    'editor.foreground': rgb('#1f2328'),
    focusBorder: rgb('#0b62c4'),
    'terminal.ansiBlack': rgb('#1f2328'),
    'terminal.ansiRed': rgb('#b3261e'),
    'terminal.ansiGreen': rgb('#116329'),
    'terminal.ansiYellow': rgb('#7d4e00'),
    'terminal.ansiBlue': rgb('#0550ae'),
    'terminal.ansiMagenta': rgb('#7a2fb5'),
    'terminal.ansiCyan': rgb('#0a6370'),
    'terminal.ansiWhite': rgb('#59636e'),
    'terminal.ansiBrightBlack': rgb('#59636e'),
    'terminal.ansiBrightWhite': rgb('#32383f'),
  },
};

export const defaultColour = (token: ColourToken, brightness: Brightness): Rgb | undefined =>
  defaults[brightness][token];
