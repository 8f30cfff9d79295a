import { expect, test } from 'vitest';
import { restoreCommands } from '../../../../core/shell/commands/restore/declare.ts';
import type { Grid } from '../../../../core/terminal/cells/grid.ts';
import type { Widget } from '../../../../core/terminal/contract.ts';
import { builtInThemes } from '../../../../core/terminal/theme/built-in-themes.ts';
import { contrast, loadTheme } from '../../../../core/terminal/theme/load-theme.ts';
import { type ColourToken, colourTokens } from '../../../../core/terminal/theme/tokens.ts';
import { Dialog } from '../../../../core/terminal/widgets/dialogue/dialog.ts';
import { FormWidget } from '../../../../core/terminal/widgets/dialogue/form/form-widget.ts';
import { HelpOverlay } from '../../../../core/terminal/widgets/dialogue/help-overlay.ts';
import { PickList } from '../../../../core/terminal/widgets/dialogue/pick-list.ts';
import { Tabs } from '../../../../core/terminal/widgets/dialogue/tabs.ts';
import { Toasts } from '../../../../core/terminal/widgets/dialogue/toasts.ts';
import { drawn, press, type } from './typing.ts';

const nothing = () => {};

function form(): Widget {
  const widget = new FormWidget({ invalidate: nothing, choices: async () => [], onChange: nothing, onSubmit: nothing });
  widget.set(restoreCommands[0]?.args ?? {}, { name: 'web-07', evenDamaged: 1 });
  press(widget, 'enter', 'tab');
  return widget;
}

function pickList(): Widget {
  const items = [
    { id: 'a', title: 'Restore', detail: 'restore.machine', key: 'r', group: 'lately' },
    { id: 'b', title: 'Forget', refused: 'a viewer may not' },
    { id: 'c', title: 'Relay', detail: 'c', key: 'x' },
  ];
  const list = new PickList({ title: 'Commands', items, onPick: nothing, onCancel: nothing, invalidate: nothing });
  return list;
}

function dialog(keys: readonly string[]): Widget {
  const widget = new Dialog({
    title: 'Forget',
    consequence: 'This forgets a point.',
    buttons: [
      { id: 'a', title: 'Keep', kind: 'safe' },
      { id: 'b', title: 'Other' },
      { id: 'c', title: 'Forget', kind: 'destroy' },
    ],
    typeBack: 'x',
    onAnswer: nothing,
    onCancel: nothing,
    now: () => 0,
    invalidate: nothing,
  });
  press(widget, ...keys);
  return widget;
}

function others(): readonly Widget[] {
  const groups = [{ title: 'Move', entries: [{ key: 'up', title: 'Up', note: '@acme/scan' }] }];
  const tabs = new Tabs({ invalidate: nothing, onSelect: nothing, onClose: nothing });
  tabs.set(
    [
      { id: 'a', title: 'A' },
      { id: 'b', title: 'B', isModified: true },
    ],
    'b',
  );
  const toasts = new Toasts({ now: () => 0, invalidate: nothing });
  for (const tone of ['good', 'risk', 'bad'] as const) toasts.push(tone, tone);
  const found = pickList();
  type(found, 're');
  const selected = pickList();
  press(selected, 'down', 'enter');
  return [
    new HelpOverlay({ title: 'Keys', groups, onClose: nothing, invalidate: nothing }),
    tabs,
    toasts,
    found,
    selected,
    pickList(),
    form(),
    dialog([]),
    dialog(['enter']),
    dialog(['tab']),
    dialog(['tab', 'tab']),
    dialog(['x', 'tab', 'tab', 'tab']),
  ];
}

/** What is drawn on what, wherever there is something to read. */
function pairsOf(grid: Grid): string[] {
  const pairs = new Set<string>();
  for (const [at, char] of grid.chars.entries()) {
    if (/^[ ─│┌┐└┘▐▌]?$/u.test(char)) continue;
    pairs.add(`${colourTokens[grid.fg[at] ?? 0]} on ${colourTokens[grid.bg[at] ?? 0]}`);
  }
  return [...pairs];
}

test('whatever is to be read in these widgets stands out from what is below it, in each theme', async () => {
  const pairs = [...new Set(others().flatMap((widget) => pairsOf(drawn(widget))))];
  expect(pairs.length).toBeGreaterThan(15);
  const faint: string[] = [];
  for (const { file, id, label } of builtInThemes) {
    const theme = await loadTheme(file, id, label);
    for (const pair of pairs) {
      const [text, on] = pair.split(' on ') as [ColourToken, ColourToken];
      const found = contrast(theme, text, on);
      if (found !== null && found < 4.5) faint.push(`${id}: ${pair} is ${found.toFixed(1)}`);
    }
  }
  expect(faint).toEqual([]);
});
