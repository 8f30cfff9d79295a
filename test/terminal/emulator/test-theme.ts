import type { Theme } from '../../../core/terminal/contract.ts';
import { type ColourToken, tokenNumber } from '../../../core/terminal/theme/tokens.ts';

const ansi: Readonly<Partial<Record<ColourToken, readonly [number, number, number]>>> = {
  'editor.background': [21, 24, 29],
  'editor.foreground': [213, 218, 225],
  'tone.good': [95, 211, 141],
  'tone.bad': [255, 123, 114],
  'terminal.ansiRed': [255, 123, 114],
  'list.activeSelectionBackground': [31, 74, 120],
};

/** A theme for tests: each name has a colour of its own, `shade` makes another theme of it. */
export const testTheme = (shade = 0): Theme => ({
  id: `test-${shade}`,
  label: 'Test',
  kind: 'dark',
  colour: (token) => ansi[token] ?? [100 + tokenNumber(token), 200 - tokenNumber(token), shade],
});

/** A theme without colours, as on a monochrome terminal. */
export const plainTheme: Theme = { id: 'plain', label: 'Plain', kind: 'mono', colour: () => null };
