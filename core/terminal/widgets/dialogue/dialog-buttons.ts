import { type SafeText, safeText } from '../../../model/text/safe-text.ts';
import { displayWidth } from '../../../shell/format/width.ts';
import type { Style, Surface } from '../../contract.ts';
import { cutSafe } from './line-break.ts';

export interface DialogButton {
  readonly id: string;
  readonly title: string;
  /** `safe` changes nothing and has the focus at first; `destroy` takes more than one key. Default is `act`. */
  readonly kind?: 'safe' | 'act' | 'destroy';
}

/** How a button is drawn now. */
export interface ButtonState {
  readonly button: DialogButton;
  readonly isFocused: boolean;
  readonly isOff: boolean;
  /** Works only when its key is held down. */
  readonly mustHold: boolean;
  /** How far it has been held, 0 to 1. */
  readonly held: number;
}

/** Where a button was drawn, for the mouse. */
export interface ButtonPlace {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

const gap = 2;

function labelOf({ button, held, mustHold }: ButtonState, most: number): SafeText {
  const sign = button.kind === 'destroy' ? '✗ ' : '';
  const title =
    held > 0 ? `${button.title} ${Math.floor(held * 100)} %` : `${mustHold ? 'hold ⏎ ' : ''}${button.title}`;
  return safeText(` ${sign}${cutSafe(safeText(title, 200), Math.max(1, most - sign.length - 2))} `);
}

function lookOf({ button, isFocused, isOff }: ButtonState): Style {
  if (isOff) return { fg: 'disabledForeground', bg: 'editorWidget.background', dim: true };
  if (!isFocused) return { fg: 'editorWidget.foreground', bg: 'editorWidget.background', underline: true };
  if (button.kind === 'destroy') return { fg: 'tone.bad', bg: 'editorWidget.background', bold: true, inverse: true };
  return { fg: 'button.foreground', bg: 'button.background', bold: true };
}

/** Lines that buttons take at a width: side by side where there is room, else one below the other. */
export function buttonRows(states: readonly ButtonState[], width: number): number {
  const all = states.reduce((sum, state) => sum + displayWidth(labelOf(state, width)) + gap, -gap);
  return all + states.length * 2 <= width ? 1 : states.length;
}

/** Draws buttons on the right of one row, or below each other, each with `‹ ›` around the one that has the focus, so that it shows without colour. */
export function drawButtons(surface: Surface, y: number, states: readonly ButtonState[]): readonly ButtonPlace[] {
  const { width } = surface;
  const isRow = buttonRows(states, width) === 1;
  const labels = states.map((state) => labelOf(state, Math.max(3, width - 2)));
  const total = labels.reduce((sum, label) => sum + displayWidth(label) + 2 + gap, -gap);
  const places: ButtonPlace[] = [];
  let x = isRow ? Math.max(0, width - total) : 0;
  let row = y;
  for (const [index, state] of states.entries()) {
    const label = labels[index] ?? safeText('');
    const look = lookOf(state);
    const taken = displayWidth(label) + 2;
    surface.text(x, row, safeText(state.isFocused ? '‹' : ' '), {
      ...look,
      underline: false,
      inverse: false,
      bg: 'editorWidget.background',
      fg: 'focusBorder',
    });
    surface.text(x + 1, row, label, look);
    surface.text(x + taken - 1, row, safeText(state.isFocused ? '›' : ' '), {
      ...look,
      underline: false,
      inverse: false,
      bg: 'editorWidget.background',
      fg: 'focusBorder',
    });
    places.push({ id: state.button.id, x, y: row, width: taken });
    if (isRow) x += taken + gap;
    else row += 1;
  }
  return places;
}
