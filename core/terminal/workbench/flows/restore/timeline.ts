import { type SafeText, safeText } from '../../../../model/text/safe-text.ts';
import { formatMoment, formatRelative } from '../../../../shell/format/times.ts';
import { shortId } from '../../../../shell/lookup/names.ts';
import { signs } from '../../../../shell/render/paint.ts';
import type { Key, Mouse, Surface } from '../../../contract.ts';
import { signOfPoint } from '../../../widgets/data/timeline.ts';
import { asSafe, drawLine, drawText, quiet } from '../lines.ts';
import type { TimedPoint } from './points.ts';

/** Columns of a point: brackets of the chosen one, its sign, the line to the next. */
const step = 4;

/** The day as a label: `Nov 22`, and `23` for the next one of the same month. */
function dayOf(at: number, before: string): string {
  const [, , day = '', month = ''] = /^(\w+), (\d+) (\w+)/.exec(new Date(at).toUTCString()) ?? [];
  return month !== '' && before.startsWith(month) ? day : `${month} ${day}`;
}

const monthAndDay = (at: number): string => dayOf(at, '-');

/** Restore points from left to right, days above, and what is known of the chosen one below. Draws only those that are seen. */
export class Timeline {
  readonly #now: () => number;
  readonly #onChange: () => void;
  #points: readonly TimedPoint[] = [];
  #chosen = -1;
  /** The first point that is seen. */
  #first = 0;

  constructor(now: () => number, onChange: () => void) {
    this.#now = now;
    this.#onChange = onChange;
  }

  get chosen(): TimedPoint | null {
    return this.#points[this.#chosen] ?? null;
  }

  get points(): readonly TimedPoint[] {
    return this.#points;
  }

  /** Shows these, oldest first; what was chosen stays chosen while it is there, else the newest is. */
  set(points: readonly TimedPoint[], wanted: string | null): void {
    const id = this.chosen?.id ?? wanted;
    this.#points = points;
    const at = id === null || id === '' ? -1 : points.findIndex((point) => point.id === id || point.id.startsWith(id));
    this.#chosen = at < 0 ? points.length - 1 : at;
    this.#onChange();
  }

  key(key: Key): boolean {
    const to = { left: this.#chosen - 1, right: this.#chosen + 1, home: 0, end: this.#points.length - 1 }[
      key.name as 'left'
    ];
    if (to === undefined) return false;
    this.#chosen = Math.max(0, Math.min(this.#points.length - 1, to));
    this.#onChange();
    return true;
  }

  /** A click on a point chooses it. */
  mouse({ action, x, y }: Mouse): boolean {
    const index = this.#first + Math.floor((x - 1) / step);
    if (action !== 'press' || y !== 1 || x < 1 || this.#points[index] === undefined) return false;
    this.#chosen = index;
    this.#onChange();
    return true;
  }

  /** Four rows: days, points, the chosen one in words. */
  draw(surface: Surface, isFocused: boolean): void {
    const { chosen } = this;
    if (chosen === null) return;
    const room = Math.max(1, Math.floor((surface.width - 2) / step));
    const first = Math.max(0, Math.min(this.#chosen - (room >> 1), this.#points.length - room));
    this.#first = first;
    let labelled = '';
    let free = 0;
    for (const [place, point] of this.#points.slice(first, first + room).entries()) {
      const x = 1 + place * step;
      const day = monthAndDay(point.at);
      if (day !== labelled && x >= free) {
        free = x + 1 + surface.text(x + 1, 0, safeText(dayOf(point.at, labelled)), quiet);
        labelled = day;
      }
      this.#drawPoint(surface, x, point, point === chosen, isFocused);
      const isLast = first + place === this.#points.length - 1;
      if (!isLast) surface.text(x + 3, 1, asSafe('─'), { fg: 'panel.border' });
    }
    drawText(surface, 1, 2, this.#words(chosen), undefined, 2);
  }

  #drawPoint(surface: Surface, x: number, point: TimedPoint, isChosen: boolean, isFocused: boolean): void {
    const bracket = { fg: isFocused ? 'focusBorder' : 'editor.foreground', bold: true } as const;
    surface.text(x, 1, asSafe(isChosen ? '[' : '─'), isChosen ? bracket : { fg: 'panel.border' });
    const { sign, style } = signOfPoint({ x: point.at, y: 0, tone: point.tone, notes: point.notes });
    // A point is there or not, it does not run: `active` only says that nobody has verified it yet.
    surface.text(x + 1, 1, point.tone === 'active' ? asSafe(signs.good) : sign, { ...style, bold: isChosen });
    surface.text(x + 2, 1, asSafe(isChosen ? ']' : '─'), isChosen ? bracket : { fg: 'panel.border' });
  }

  #words({ id, at, notes }: TimedPoint): SafeText {
    const place = `${this.#chosen + 1} of ${this.#points.length}`;
    const moment = `${formatMoment(at)}, ${formatRelative(at, this.#now())}`;
    return safeText([`${shortId(id)} (${place})  ${moment}`, ...notes].join(' · '));
  }
}

/** Says that there is nothing to choose from. */
export function drawNoPoints(surface: Surface, machine: string): void {
  drawLine(surface, 1, 1, safeText(`no restore point of ${machine} yet: protect it first`), quiet);
}
