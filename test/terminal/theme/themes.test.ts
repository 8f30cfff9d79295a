import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { contrastOf, type Rgb } from '../../../core/model/theme/colour.ts';
import { edgePairs, faintPairs, leastContrast, textPairs } from '../../../core/model/theme/pairs.ts';
import { colourTokens } from '../../../core/model/theme/tokens.ts';
import { readThemeFile } from '../../../core/shell/themes/theme-file.ts';
import { builtInThemes } from '../../../core/terminal/theme/built-in-themes.ts';
import { contrast, defaultTheme, loadTheme } from '../../../core/terminal/theme/load-theme.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-themes-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
function themeFile(content: unknown, name = `theme-${files++}.json`): string {
  const file = join(folder, name);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}
const load = (content: unknown) => loadTheme(themeFile(content), 'x', 'X');

describe('the themes that Holdfast brings', () => {
  it('are at least six, one for each need', () => {
    const ids = builtInThemes.map(({ id }) => id);
    expect(ids).toEqual(['dark', 'light', 'high-contrast', 'colour-blind-safe', 'mono', 'sixteen', 'dusk']);
  });

  it.each(builtInThemes.map((theme) => [theme.id, theme] as const))(
    '%s can be read: every text on its background has a contrast of at least 4.5',
    async (id, { file, label, uiTheme }) => {
      const theme = await loadTheme(file, id, label, uiTheme);
      for (const [text, on] of textPairs) {
        const seen = contrast(theme, text, on);
        if (seen !== null) expect(seen, `${text} on ${on}`).toBeGreaterThanOrEqual(leastContrast);
      }
      for (const [line, on] of edgePairs) expect(contrast(theme, line, on) ?? 21, line).toBeGreaterThanOrEqual(3);
    },
  );

  it('high contrast has at least 7', async () => {
    const { colours } = await readThemeFile(fileOf('high-contrast'));
    for (const [text, on] of textPairs) {
      expect(
        contrastOf(colours.get(text) ?? [0, 0, 0], colours.get(on) ?? [0, 0, 0]),
        `${text} on ${on}`,
      ).toBeGreaterThan(7);
    }
  });

  it('monochrome has no colour in it', async () => {
    const theme = await loadTheme(fileOf('mono'), 'mono', 'Mono');
    expect(theme.kind).toBe('mono');
    for (const token of colourTokens) {
      const [red, green, blue] = theme.colour(token) ?? [0, 0, 0];
      expect([green, blue], token).toEqual([red, red]);
    }
  });

  it('sixteen leaves text and background to the terminal', async () => {
    const theme = await loadTheme(fileOf('sixteen'), 'sixteen', '16');
    for (const token of ['editor.background', 'editor.foreground', 'sideBar.background', 'terminal.ansiRed'] as const) {
      expect(theme.colour(token), token).toBeNull();
    }
  });

  it.each(['protanopia', 'deuteranopia', 'tritanopia'] as const)(
    'the colour-blind safe theme tells its states apart with %s',
    async (kind) => {
      const { colours } = await readThemeFile(fileOf('colour-blind-safe'));
      const seen = (['good', 'risk', 'bad'] as const).map((tone) =>
        simulate(colours.get(`tone.${tone}`) ?? [0, 0, 0], kind),
      );
      for (const [index, one] of seen.entries()) {
        for (const other of seen.slice(index + 1)) expect(distance(one, other)).toBeGreaterThan(60);
      }
    },
  );
});

describe('a VS Code theme that is dropped in', () => {
  it('may have comments, last commas and colours of any length, blended where they are not opaque', async () => {
    const theme = await load(`// mine
{ "type": "dark", /* colours */ "colors": {
  "editor.background": "#000", "editor.foreground": "#fffc",
  "list.activeSelectionBackground": "#ff000080", "statusBar.background": "#102030",
  "sideBar.background": "#10203040",
}, "tokenColors": [{ "scope": "comment", "settings": {} }], }`);
    expect(theme.kind).toBe('dark');
    expect(theme.colour('editor.background')).toEqual([0, 0, 0]);
    expect(theme.colour('editor.foreground')).toEqual([204, 204, 204]);
    expect(theme.colour('list.activeSelectionBackground')).toEqual([128, 0, 0]);
    expect(theme.colour('statusBar.background')).toEqual([16, 32, 48]);
    expect(theme.colour('sideBar.background')).toEqual([4, 8, 12]);
  });

  it('finds what it does not say at its neighbours', async () => {
    const theme = await load({
      type: 'dark',
      colors: {
        'editor.background': '#002b36',
        'editor.foreground': '#eee8d5',
        'sideBar.background': '#073642',
        'terminal.ansiGreen': '#859900',
      },
    });
    expect(theme.colour('activityBar.background')).toEqual([7, 54, 66]);
    expect(theme.colour('panel.background')).toEqual([0, 43, 54]);
    expect(theme.colour('tone.good')).toEqual([0x85, 0x99, 0]);
    expect(theme.colour('quickInput.foreground')).toEqual([0xee, 0xe8, 0xd5]);
    for (const token of colourTokens) expect(theme.colour(token), token).not.toBeNull();
  });

  it.each([
    {},
    { 'editor.background': '#fdf6e3' },
    { 'editor.background': '#777777' },
    { 'editor.foreground': '#101010' },
  ])('with no more than %j, what follows from it can be read', async (colors) => {
    const { colours } = await readThemeFile(themeFile({ colors }));
    const grounds = new Set([
      'editor.background',
      'activityBar.background',
      'tab.inactiveBackground',
      'input.background',
    ]);
    const own = new Set(Object.keys(colors));
    const faint = faintPairs(colours).filter(
      ({ text, on, contrast: seen, least }) =>
        grounds.has(on) && !own.has(text) && !text.startsWith('tone.') && seen < Math.min(least, 4.4),
    );
    expect(faint).toEqual([]);
  });

  it('is light where its background is, though it does not say so', async () => {
    expect((await load({ colors: { 'editor.background': '#fafafa' } })).kind).toBe('light');
    expect((await load({ colors: { 'editor.background': '#101010' } })).kind).toBe('dark');
    expect((await load({ type: 'hcLight', colors: {} })).kind).toBe('contrast');
    // One of a person's own is listed as dark before anybody has read it.
    const own = await loadTheme(themeFile({ colors: { 'editor.background': '#fafafa' } }), 'own:x', 'x', 'vs-dark');
    expect(own.kind).toBe('light');
    expect((await loadTheme(themeFile({ colors: {} }), 'x', 'x', 'vs')).kind).toBe('light');
  });

  it('takes over what it includes, and says the rest itself', async () => {
    mkdirSync(join(folder, 'inner'), { recursive: true });
    themeFile(
      { type: 'light', colors: { 'editor.background': '#ffffff', 'button.background': '#123456' } },
      'inner/base.json',
    );
    const theme = await load({ include: './inner/base.json', colors: { 'button.background': '#654321' } });
    expect(theme.kind).toBe('light');
    expect(theme.colour('button.background')).toEqual([0x65, 0x43, 0x21]);
  });
});

describe('a file that is no theme', () => {
  it.each([
    ['no JSON', '{ "colors": '],
    ['a list', '[]'],
    ['nothing', ''],
    ['too deep', `{"colors":${'{"a":'.repeat(100)}1${'}'.repeat(100)}}`],
    ['too large', `{"colors":{},"x":"${'y'.repeat(1024 * 1024)}"}`],
    ['a trap', '{"colors":{"__proto__":{"x":1}}}'],
  ])('is refused by name: %s', async (_, content) => {
    await expect(load(content)).rejects.toMatchObject({ code: 'THEME_INVALID' });
  });

  it('is refused when it includes itself, or what lies outside of its folder, by whatever way', async () => {
    const file = themeFile('{}', 'round.json');
    writeFileSync(file, JSON.stringify({ include: './round.json' }));
    symlinkSync('/etc/hostname', join(folder, 'link.json'));
    await expect(loadTheme(file, 'x', 'X')).rejects.toMatchObject({ code: 'THEME_INVALID' });
    for (const include of ['../outside.json', '/etc/passwd', './link.json', './not-there.json', '..']) {
      await expect(load({ include }), include).rejects.toMatchObject({ code: 'THEME_INVALID' });
    }
    await expect(loadTheme(folder, 'x', 'X')).rejects.toMatchObject({ code: 'THEME_INVALID' });
    await expect(loadTheme('/dev/zero', 'x', 'X')).rejects.toMatchObject({ code: 'THEME_INVALID' });
  });

  it('passes over what is no colour, and names it', async () => {
    const { unreadable, colours } = await readThemeFile(
      themeFile({ colors: { 'editor.background': 'red', 'editor.foreground': 7, 'button.background': '#12345' } }),
    );
    expect(unreadable).toEqual(['editor.background', 'editor.foreground', 'button.background']);
    expect(colours.get('editor.background')).toEqual(defaultTheme.colour('editor.background'));
  });
});

function fileOf(id: string): string {
  return builtInThemes.find((theme) => theme.id === id)?.file ?? '';
}

/** How a colour is seen with a missing kind of cone: Viénot, Brettel and Mollon 1999, in linear light, as 3 × 3 matrices. */
const matrices = {
  protanopia: [0.11238, 0.88762, 0, 0.11238, 0.88762, 0, 0.00401, -0.00401, 1],
  deuteranopia: [0.29275, 0.70725, 0, 0.29275, 0.70725, 0, -0.02234, 0.02234, 1],
  tritanopia: [1, 0.14461, -0.14461, 0, 0.85924, 0.14076, 0, 0.85924, 0.14076],
} as const;

function simulate(colour: Rgb, kind: keyof typeof matrices): Rgb {
  const linear = colour.map((part) => (part / 255) ** 2.2);
  const m = matrices[kind];
  const row = (at: number): number => {
    const value = [0, 1, 2].reduce((sum, index) => sum + (m[at * 3 + index] ?? 0) * (linear[index] ?? 0), 0);
    return Math.round(Math.min(1, Math.max(0, value)) ** (1 / 2.2) * 255);
  };
  return [row(0), row(1), row(2)];
}

const distance = (a: Rgb, b: Rgb): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
