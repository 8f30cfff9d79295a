import type { ColourToken } from './tokens.ts';

/** How a colour is found in a theme file that need not have it. */
export interface Rule {
  readonly token: ColourToken;
  /** Keys of the file, the best first; its own name stands before them. */
  readonly keys?: readonly string[];
  /** What it lies over, where it is not wholly opaque. Default is the editor's background. */
  readonly over?: ColourToken;
  /** Where no key is there: this share of the way from what it lies over to the other colour. */
  readonly mix?: readonly [towards: ColourToken, share: number];
  /** What a colour that the file does not name itself must be read on; it is made so by as much as it takes. */
  readonly on?: ColourToken;
  /** Contrast for that. Default is 4.5. */
  readonly least?: number;
}

const words = ['foreground', 'editor.foreground'];
const ground: ColourToken = 'editor.background';
const ink: ColourToken = 'editor.foreground';

const ansi = (name: string): readonly Rule[] => {
  const token = `terminal.ansi${name}` as ColourToken;
  const bright = `terminal.ansiBright${name}` as ColourToken;
  return [
    { token, over: 'terminal.background' },
    { token: bright, keys: [token], over: 'terminal.background' },
  ];
};

const text = (token: ColourToken, on: ColourToken, ...keys: readonly string[]): Rule => ({
  token,
  keys: [...keys, ...words],
  over: on,
  on,
});

const faded = (token: ColourToken, on: ColourToken, from: ColourToken, share: number, ...keys: string[]): Rule => ({
  token,
  keys,
  over: on,
  mix: [from, 1 - share],
  on,
});

const tone = (name: string, ...keys: readonly string[]): Rule => ({
  token: `tone.${name}` as ColourToken,
  keys,
  on: ground,
});

/** One for each colour, in an order in which each finds what it follows from. Fallbacks are the neighbours that VS Code itself would look alike. */
export const rules: readonly Rule[] = [
  { token: ground },
  { token: ink, keys: ['foreground'], on: ground },
  {
    token: 'focusBorder',
    keys: ['contrastActiveBorder', 'activityBar.activeBorder', 'button.background'],
    on: ground,
  },
  faded('descriptionForeground', ground, ink, 0.3),
  faded('disabledForeground', ground, ink, 0.4),
  { token: 'sideBar.background', keys: [ground] },
  text('sideBar.foreground', 'sideBar.background'),
  text('sideBarTitle.foreground', 'sideBar.background', 'sideBarSectionHeader.foreground', 'sideBar.foreground'),
  { token: 'activityBar.background', keys: ['sideBar.background', ground] },
  text('activityBar.foreground', 'activityBar.background', 'sideBar.foreground'),
  faded('activityBar.inactiveForeground', 'activityBar.background', 'activityBar.foreground', 0.35),
  {
    token: 'list.activeSelectionBackground',
    keys: ['list.focusBackground', 'editor.selectionBackground', 'list.inactiveSelectionBackground'],
    mix: ['focusBorder', 0.25],
  },
  text('list.activeSelectionForeground', 'list.activeSelectionBackground', 'list.focusForeground'),
  {
    token: 'list.inactiveSelectionBackground',
    keys: ['list.hoverBackground', 'editor.lineHighlightBackground'],
    mix: [ink, 0.12],
  },
  { token: 'textLink.foreground', keys: ['textLink.activeForeground', 'focusBorder'], on: ground },
  { token: 'list.highlightForeground', keys: ['textLink.foreground', 'focusBorder'], on: ground },
  { token: 'tab.activeBackground', keys: [ground] },
  text('tab.activeForeground', 'tab.activeBackground'),
  { token: 'tab.inactiveBackground', keys: ['editorGroupHeader.tabsBackground', 'sideBar.background', ground] },
  faded('tab.inactiveForeground', 'tab.inactiveBackground', ink, 0.3, 'tab.unfocusedActiveForeground'),
  { token: 'panel.background', keys: [ground] },
  { token: 'panel.border', keys: ['editorGroup.border', 'sideBar.border', 'contrastBorder'], mix: [ink, 0.25] },
  text('panelTitle.activeForeground', 'panel.background'),
  {
    token: 'statusBar.background',
    keys: ['statusBar.noFolderBackground', 'activityBar.background', 'sideBar.background', ground],
  },
  text('statusBar.foreground', 'statusBar.background', 'statusBar.noFolderForeground'),
  { token: 'input.background', keys: ['dropdown.background', 'quickInput.background'], mix: [ink, 0.08] },
  text('input.foreground', 'input.background', 'dropdown.foreground'),
  faded('input.placeholderForeground', 'input.background', 'input.foreground', 0.4),
  { token: 'button.background', keys: ['focusBorder'] },
  text('button.foreground', 'button.background'),
  { token: 'editorWidget.background', keys: ['dropdown.background', 'sideBar.background', ground] },
  text('editorWidget.foreground', 'editorWidget.background'),
  { token: 'quickInput.background', keys: ['editorWidget.background', 'sideBar.background', ground] },
  text('quickInput.foreground', 'quickInput.background', 'editorWidget.foreground'),
  { token: 'notifications.background', keys: ['editorWidget.background', 'sideBar.background', ground] },
  text('notifications.foreground', 'notifications.background', 'editorWidget.foreground'),
  { token: 'widget.border', keys: ['editorWidget.border', 'contrastBorder', 'panel.border'], mix: [ink, 0.3] },
  { token: 'progressBar.background', keys: ['focusBorder', 'button.background'] },
  { token: 'scrollbarSlider.background', mix: [ink, 0.3] },
  { token: 'terminal.background', keys: ['panel.background', ground] },
  text('terminal.foreground', 'terminal.background', ink),
  ...['Black', 'Red', 'Green', 'Yellow', 'Blue', 'Magenta', 'Cyan', 'White'].flatMap(ansi),
  {
    token: 'inputValidation.errorBorder',
    keys: ['editorError.foreground', 'errorForeground', 'terminal.ansiRed'],
    on: ground,
    least: 3,
  },
  tone('good', 'terminal.ansiGreen', 'terminal.ansiBrightGreen', 'testing.iconPassed'),
  tone('risk', 'terminal.ansiYellow', 'terminal.ansiBrightYellow', 'editorWarning.foreground'),
  tone('bad', 'terminal.ansiRed', 'terminal.ansiBrightRed', 'editorError.foreground'),
  tone('active', 'terminal.ansiBlue', 'terminal.ansiBrightBlue', 'textLink.foreground'),
  tone('quiet', 'descriptionForeground', 'terminal.ansiBrightBlack'),
];
