import { contrastOf } from './colour.ts';
import type { Colours } from './resolve.ts';
import type { ColourToken } from './tokens.ts';

/** Text on what it stands on. */
export type Pair = readonly [text: ColourToken, on: ColourToken];

/** Least contrast of text on its background: WCAG 2.2, level AA. */
export const leastContrast = 4.5;
/** Least contrast of what is no text but must be seen. */
export const leastEdge = 3;

const tones: readonly ColourToken[] = ['tone.good', 'tone.risk', 'tone.bad', 'tone.active', 'tone.quiet'];
const on = (ground: ColourToken, ...texts: readonly ColourToken[]): readonly Pair[] =>
  texts.map((text) => [text, ground] as const);

/** Every pair of text and background that widgets draw: whoever draws another one adds it here, and a test holds each theme of ours to it. */
export const textPairs: readonly Pair[] = [
  ...on('editor.background', 'editor.foreground', 'descriptionForeground', 'disabledForeground', ...tones),
  ...on('editor.background', 'textLink.foreground', 'list.highlightForeground', 'focusBorder'),
  ...on('activityBar.background', 'activityBar.foreground', 'activityBar.inactiveForeground', ...tones),
  ...on('sideBar.background', 'sideBar.foreground', 'sideBarTitle.foreground', 'descriptionForeground', ...tones),
  ...on('sideBar.background', 'list.highlightForeground', 'disabledForeground'),
  ...on('list.activeSelectionBackground', 'list.activeSelectionForeground', 'list.highlightForeground', ...tones),
  ...on('list.activeSelectionBackground', 'descriptionForeground'),
  ...on('list.inactiveSelectionBackground', 'editor.foreground', 'descriptionForeground', ...tones),
  ...on('tab.activeBackground', 'tab.activeForeground'),
  ...on('tab.inactiveBackground', 'tab.inactiveForeground'),
  ...on('panel.background', 'panelTitle.activeForeground', 'editor.foreground', 'descriptionForeground', ...tones),
  ...on('statusBar.background', 'statusBar.foreground', ...tones),
  ...on('input.background', 'input.foreground', 'input.placeholderForeground', 'tone.bad'),
  ...on('button.background', 'button.foreground'),
  ...on('quickInput.background', 'quickInput.foreground', 'descriptionForeground', 'disabledForeground'),
  ...on('quickInput.background', 'list.highlightForeground', ...tones),
  ...on('notifications.background', 'notifications.foreground', 'descriptionForeground', ...tones),
  ...on('editorWidget.background', 'editorWidget.foreground', 'descriptionForeground', 'textLink.foreground', ...tones),
  ...on('editorWidget.background', 'disabledForeground'),
  ...on('terminal.background', 'terminal.foreground'),
];

/** Lines and bars that must be told from what is behind them. */
export const edgePairs: readonly Pair[] = [
  ...on('editor.background', 'focusBorder', 'progressBar.background', 'inputValidation.errorBorder'),
  ...on('list.activeSelectionBackground', 'focusBorder'),
];

/** A pair that is hard to see. */
export interface Faint {
  readonly text: ColourToken;
  readonly on: ColourToken;
  readonly contrast: number;
  readonly least: number;
}

/**
 * Contrast of two colours of a theme, 1 to 21. Where one of them is the terminal's own, the worse of what it would be on black and on white; where
 * both are, `null`: the terminal sees to that.
 */
export function pairContrast(colours: Colours, [text, ground]: Pair): number | null {
  const [fore, back] = [colours.get(text) ?? null, colours.get(ground) ?? null];
  if (fore !== null && back !== null) return contrastOf(fore, back);
  const known = fore ?? back;
  return known === null ? null : Math.min(contrastOf(known, [0, 0, 0]), contrastOf(known, [255, 255, 255]));
}

/** The pairs of a theme that are hard to see. */
export function faintPairs(colours: Colours): readonly Faint[] {
  const look = (pairs: readonly Pair[], least: number): readonly Faint[] =>
    pairs.flatMap(([text, ground]) => {
      const contrast = pairContrast(colours, [text, ground]);
      return contrast === null || contrast >= least ? [] : [{ text, on: ground, contrast, least }];
    });
  return [...look(textPairs, leastContrast), ...look(edgePairs, leastEdge)];
}
