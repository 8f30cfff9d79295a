import { type SafeText, safeText } from '../../../model/text/safe-text.ts';
import { formatCount } from '../../../shell/format/numbers.ts';
import type { Surface } from '../../contract.ts';
import { accent, cut, quiet, safe, strong, textOf } from './label.ts';
import type { TypedLine } from './typed-line.ts';

/** The line above a list: its title, how many rows, what they are filtered by. */
export interface Caption {
  readonly title: string;
  readonly shown: number;
  /** `null` where a number of rows says nothing: in a tree they come and go as it is unfolded. */
  readonly all: number | null;
  /** Rows are still being looked at. */
  readonly isPending: boolean;
  /** More words, dim. */
  readonly more: readonly SafeText[];
  readonly filter: TypedLine;
}

const slash = '/ ' as SafeText;

/** `12 of 1,284`, or `1,284` where nothing is hidden. */
function counted({ shown, all, isPending, filter }: Caption): SafeText {
  if (all === null) return '' as SafeText;
  const isFiltered = filter.text !== '';
  const count = safeText(isFiltered ? `${formatCount(shown)} of ${formatCount(all)}` : formatCount(all));
  return isPending ? safe`${count} …` : count;
}

export function drawCaption(surface: Surface, y: number, caption: Caption): void {
  const { filter } = caption;
  const words =
    caption.more.length === 0 ? counted(caption) : safe`${counted(caption)} · ${caption.more.join(' · ') as SafeText}`;
  const isFiltered = filter.isOpen || filter.text !== '';
  // What is being typed is seen however short the room is.
  const room = surface.width - (isFiltered ? Math.min(surface.width, 12) : 1);
  let x = 0;
  if (caption.title !== '' && room > 4) x += surface.text(0, y, cut(textOf(caption.title), room), strong) + 2;
  if (room - x > 0) x += surface.text(x, y, cut(words, room - x), quiet) + 2;
  if (!isFiltered) return;
  const at = Math.min(x, room);
  surface.text(at, y, slash, accent);
  filter.draw(surface, at + 2, y, Math.max(1, surface.width - at - 2));
}

/** A title above something that is no list; answers the rows it took. */
export function drawTitle(surface: Surface, title: string): number {
  if (title === '' || surface.height < 2) return 0;
  surface.text(0, 0, cut(textOf(title), surface.width), strong);
  return 1;
}

/** A text in the middle of nothing: what is missing, and the command that adds it. */
export function drawEmpty(surface: Surface, x: number, y: number, lines: readonly SafeText[]): void {
  for (const [index, line] of lines.entries()) surface.text(x, y + index, line, quiet);
}
