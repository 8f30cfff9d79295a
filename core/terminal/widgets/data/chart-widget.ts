import type { ChartView, Plain } from '@holdfast/api';
import { type SafeText, safeText } from '../../../model/text/safe-text.ts';
import { formatCount } from '../../../shell/format/numbers.ts';
import type { Key, Mouse, Surface } from '../../contract.ts';
import type { Hint } from '../../workbench/contract.ts';
import { barsOf, drawBars } from './bar-chart.ts';
import { drawTitle } from './caption.ts';
import { bandPointAt, drawHeatMap, drawTimelines } from './chart-bands.ts';
import { beside, restoredCursor, sameCursor } from './chart-cursor.ts';
import type { DataWidget, ViewEnv } from './data-widget.ts';
import { type Cursor, figure, isMoment, type Picture, placeInFull, pointsOf, type Series } from './figures.ts';
import { cut, plain, quiet, safe, textOf } from './label.ts';
import { drawLines } from './line-chart.ts';
import { signOfPoint } from './timeline.ts';
import { Viewport } from './viewport.ts';

const mostSeries = 10_000;
const mostNotes = 20;
/** Rows of a curve in a stack, and where there is all the room. */
const usualPanel = 8;
const tallestPanel = 16;
const empty: ChartView = { kind: 'chart', title: '', form: 'line', unit: 'count', series: [] };

const hint = (key: string, title: string): Hint => ({ key, title: safeText(title) });
const along = [hint('left', 'earlier'), hint('right', 'later'), hint('enter', 'open')];
const down = [hint('enter', 'open')];

/** A chart in which one point is selected: what it stands for is told below. */
export class ChartWidget implements DataWidget {
  readonly #env: ViewEnv;
  readonly #view = new Viewport();
  #chart: ChartView = empty;
  #series: readonly Series[] = [];
  #bars: readonly Cursor[] = [];
  #cursor: Cursor | null = null;
  /** Kept until the first data comes. */
  #kept: Plain = null;
  #bodyAt = 0;
  #width = 0;

  constructor(env: ViewEnv) {
    this.#env = env;
  }

  set(view: ChartView): void {
    const series = view.series
      .slice(0, mostSeries)
      .map(({ title, points }) => ({ title: textOf(title, 200), points: pointsOf(points) }));
    this.#cursor = sameCursor(this.#series, this.#cursor, series);
    this.#chart = view;
    this.#series = series;
    this.#bars = view.form === 'bar' ? barsOf({ series }) : [];
    if (this.#kept !== null && series.length > 0) this.restore(this.#kept);
    if (view.form === 'bar') {
      this.#view.fit(this.#view.height, this.#bars.length);
      if (this.#cursor !== null && !this.#isAt(this.#cursor)) this.#view.place(this.#barOf(this.#cursor));
    }
    this.#env.invalidate();
  }

  get row(): string | null {
    return this.#point?.id ?? null;
  }

  get marked(): readonly string[] {
    return [];
  }

  get isTyping(): boolean {
    return false;
  }

  get wantsFocus(): boolean {
    return this.#series.some(({ points }) => points.length > 0);
  }

  hints(): readonly Hint[] {
    return this.#chart.form === 'bar' ? down : along;
  }

  heightFor(): number {
    const title = this.#chart.title === '' ? 0 : 1;
    const isLine = this.#chart.form === 'line';
    const rows = isLine ? Math.max(1, Math.min(this.#series.length, 4)) * usualPanel : this.#bodyRows;
    return title + rows + this.#noteRows;
  }

  /** Rows that the picture has use for. */
  get #bodyRows(): number {
    if (this.#chart.form === 'bar') return Math.max(1, this.#bars.length);
    if (this.#chart.form === 'line') return Math.max(1, this.#series.length) * tallestPanel;
    return this.#series.length + 2;
  }

  state(): Plain {
    return { row: this.row, series: this.#cursor?.series ?? null, point: this.#cursor?.point ?? null };
  }

  restore(state: Plain): void {
    this.#kept = this.#series.length === 0 ? state : null;
    const cursor = restoredCursor(state, this.#series);
    if (cursor !== null) this.#moveTo(cursor);
  }

  draw(surface: Surface, isFocused: boolean): void {
    const at = drawTitle(surface, this.#chart.title);
    this.#bodyAt = at;
    const height = surface.height - at;
    const notes = height >= 5 ? Math.min(this.#noteRows, height - 3) : 0;
    const rows = Math.min(height - notes, this.#bodyRows);
    const body = surface.area(0, at, surface.width, rows);
    const picture = this.#picture(isFocused);
    this.#width = surface.width;
    if (this.#cursor === null) body.text(0, 0, '–' as SafeText, quiet);
    else if (this.#chart.form === 'bar') drawBars(body, picture, this.#bars, this.#view);
    else if (this.#chart.form === 'timeline') drawTimelines(body, picture, this.#view);
    else if (this.#chart.form === 'heat') drawHeatMap(body, picture, this.#view);
    else drawLines(body, picture);
    const below = at + rows + (rows + notes < height ? 1 : 0);
    if (notes > 0) this.#drawNotes(surface.area(0, below, surface.width, notes));
  }

  key(key: Key): boolean {
    if (key.name === 'enter') return this.#open();
    if (this.#chart.form === 'bar') return this.#view.key(key) && this.#follow();
    const cursor = this.#cursor;
    if (cursor === null) return false;
    const count = this.#series[cursor.series]?.points.length ?? 0;
    const go = (point: number): boolean => point >= 0 && point < count && this.#moveTo({ ...cursor, point });
    switch (key.name) {
      case 'left':
      case 'h':
        return go(cursor.point - 1);
      case 'right':
      case 'l':
        return go(cursor.point + 1);
      case 'home':
      case 'g':
        return go(0);
      case 'end':
      case 'G':
        return go(count - 1);
      case 'up':
      case 'k':
        return this.#beside(cursor, -1);
      case 'down':
      case 'j':
        return this.#beside(cursor, 1);
      default:
        return false;
    }
  }

  mouse({ action, button, x, y }: Mouse): boolean {
    const { form } = this.#chart;
    const isPress = action === 'press' && button === 'left';
    if (form === 'bar') {
      if (this.#view.wheel(action)) return true;
      const at = this.#view.top + y - this.#bodyAt;
      const isBar = y >= this.#bodyAt && y < this.#bodyAt + this.#view.height && at < this.#bars.length;
      if (!isPress || !isBar) return false;
      if (at === this.#view.selected) return this.#open();
      this.#view.select(at);
      return this.#follow();
    }
    if (form === 'line' || this.#cursor === null) return false;
    if (action === 'wheel-up' || action === 'wheel-down')
      return this.#beside(this.#cursor, action === 'wheel-up' ? -1 : 1);
    const hit = isPress
      ? bandPointAt(this.#picture(false), this.#width, x, y - this.#bodyAt, this.#view, form === 'heat')
      : null;
    if (hit === null) return false;
    const isSame = hit.series === this.#cursor.series && hit.point === this.#cursor.point;
    return isSame ? this.#open() : this.#moveTo(hit);
  }

  #picture(isFocused: boolean): Picture {
    const { unit } = this.#chart;
    return { series: this.#series, unit, now: this.#env.now(), cursor: this.#cursor, isFocused };
  }

  get #point() {
    const cursor = this.#cursor;
    return cursor === null ? undefined : this.#series[cursor.series]?.points[cursor.point];
  }

  /** Rows below for what is selected. A bar's value stands beside it, so that only its notes are left to tell. */
  get #noteRows(): number {
    const hasNotes = this.#series.some(({ points }) => points.some(({ notes }) => (notes?.length ?? 0) > 0));
    if (this.#chart.form === 'bar') return hasNotes ? 1 : 0;
    return hasNotes ? 2 : 1;
  }

  #drawNotes(surface: Surface): void {
    const point = this.#point;
    const cursor = this.#cursor;
    if (point === undefined || cursor === null) return;
    const notes = (point.notes ?? []).slice(0, mostNotes).map((note) => textOf(note, 200));
    const told = cut(notes.join(' · ') as SafeText, surface.width - 2);
    if (this.#chart.form === 'bar') {
      surface.text(2, 0, told, quiet);
      return;
    }
    const { sign, style } = signOfPoint(point);
    const hasSign = this.#chart.form === 'timeline' || point.tone !== undefined;
    const x = hasSign ? 2 + surface.text(0, 0, sign, style) - 1 : 0;
    const count = this.#series[cursor.series]?.points.length ?? 0;
    const isCounted = this.#chart.form === 'heat' && !isMoment(point.x);
    const place = isCounted
      ? (this.#series[cursor.series]?.title ?? ('' as SafeText))
      : placeInFull(point.x, this.#env.now());
    const value = figure(point.y, this.#chart.unit);
    const number = safeText(`${formatCount(cursor.point + 1)} of ${formatCount(count)}`);
    const id = point.id === undefined ? ('' as SafeText) : safe`   ${textOf(point.id, 100)}`;
    // An event that only counts itself says nothing by its height.
    const isPlain = this.#chart.form === 'timeline' && this.#chart.unit === 'count';
    const words = isPlain ? safe`${place}   ${number}${id}` : safe`${place}   ${value}   ${number}${id}`;
    surface.text(x, 0, cut(words, surface.width - x), plain);
    surface.text(x, 1, told, quiet);
  }

  #open(): boolean {
    const id = this.row;
    if (id === null || this.#env.onOpen === undefined) return false;
    this.#env.onOpen(id);
    return true;
  }

  #moveTo(cursor: Cursor): boolean {
    this.#cursor = cursor;
    if (this.#chart.form === 'bar') this.#view.select(this.#barOf(cursor));
    this.#env.invalidate();
    return true;
  }

  #beside(cursor: Cursor, by: 1 | -1): boolean {
    const to = beside(this.#series, cursor, by);
    return to !== null && this.#moveTo(to);
  }

  #barOf(cursor: Cursor): number {
    return this.#bars.findIndex(({ series, point }) => series === cursor.series && point === cursor.point);
  }

  #isAt(cursor: Cursor): boolean {
    const bar = this.#bars[this.#view.selected];
    return bar !== undefined && bar.series === cursor.series && bar.point === cursor.point;
  }

  #follow(): boolean {
    this.#cursor = this.#bars[this.#view.selected] ?? null;
    return true;
  }
}
