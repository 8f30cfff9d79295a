import { safeText } from '../../../model/text/safe-text.ts';
import type { Style, Surface } from '../../contract.ts';
import { activities } from '../frame/activities.ts';
import { widthOf } from './line.ts';

const active: Style = {
  fg: 'activityBar.foreground',
  bg: 'activityBar.background',
  bold: true,
  underline: true,
};
const other: Style = { fg: 'activityBar.inactiveForeground', bg: 'activityBar.background' };

/** Where each activity stands in the line; the widest form that fits. */
function placed(
  width: number,
  activity: string,
): readonly { readonly id: string; readonly text: string; readonly x: number }[] {
  const forms: readonly ((title: string, short: string, isActive: boolean) => string)[] = [
    (title) => ` ${title}`,
    // The same, closer together.
    (title) => ` ${title}`,
    (_, short) => ` ${short}`,
    (_, short, isActive) => (isActive ? ` ${short}` : ''),
  ];
  for (const [index, form] of forms.entries()) {
    let x = 1;
    const line = activities.map(({ id, title, short }, number) => {
      const text = `${number + 1}${form(title, short, id === activity)}`;
      const at = x;
      // The widest form has room to breathe.
      x += widthOf(safeText(text)) + (index === 0 ? 3 : 1);
      return { id, text, x: at };
    });
    if (x <= width + 1 || index === forms.length - 1) return line;
  }
  return [];
}

/** Draws the line of activities, each with the number that goes there. */
export function drawActivityBar(surface: Surface, activity: string): void {
  surface.fill(0, 0, surface.width, 1, other);
  for (const { id, text, x } of placed(surface.width, activity)) {
    surface.text(x, 0, safeText(text), id === activity ? active : other);
  }
}

/** The activity whose name stands at a column; `null` between them. */
export function activityAt(width: number, activity: string, x: number): string | null {
  return placed(width, activity).find((one) => x >= one.x && x < one.x + widthOf(safeText(one.text)))?.id ?? null;
}
