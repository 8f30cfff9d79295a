import type { Plain, RowAction, TableRow, View, ViewDeclaration } from '@holdfast/api';
import { type SafeText, safeText } from '../../../model/text/safe-text.ts';
import type { Key, Mouse, Surface } from '../../contract.ts';
import { ViewWidget } from '../../widgets/data/view-widget.ts';
import type { Bench, Hint, Page } from '../contract.ts';
import { drawFailure, drawStale, drawWaiting } from '../parts/states.ts';
import { Asked } from '../tasks/asked.ts';
import { failureOf } from '../tasks/failure.ts';
import { Peek } from './peek.ts';

/** So long after a key what was chosen in a table is kept. */
const restMs = 500;

/** What a page of a view needs beside the bench. */
export interface ViewPageParts {
  readonly bench: Bench;
  /** Whether this person may run a command; `true` while that is not known yet. */
  mayRun(command: string): boolean;
  /** How the person left the table last time. */
  readonly restored: Plain;
  keep(state: Plain): void;
  /** What the command answered, for whoever counts in it. */
  onAnswer?(data: Plain): void;
}

/** A view that was declared: its command's answer, drawn, asked for again as things change, with what can be done to its rows. */
export class ViewPage implements Page {
  readonly id: string;
  readonly declaration: ViewDeclaration;
  readonly #parts: ViewPageParts;
  readonly #widget: ViewWidget;
  readonly #peek: Peek | null;
  readonly #asked: Asked<View>;
  #lastKept: Plain = null;
  #keepTimer: NodeJS.Timeout | null = null;

  constructor(declaration: ViewDeclaration, parts: ViewPageParts) {
    const { bench } = parts;
    this.id = `view:${declaration.id}`;
    this.declaration = declaration;
    this.#parts = parts;
    this.#widget = new ViewWidget({
      now: () => bench.desk.now(),
      invalidate: () => bench.invalidate(),
      onOpen: (row) => this.open(row),
    });
    this.#peek = parts.mayRun(declaration.open?.command ?? '') ? Peek.of(bench, declaration.open) : null;
    this.restore(parts.restored);
    this.#asked = new Asked(
      async (signal) => {
        const result = await bench.desk.run(declaration.command, declaration.args ?? {}, { signal, ask: null });
        // What is no view is refused here, as any other failure. A question that was given up changes nothing.
        if (!signal.aborted) this.#widget.set(result.view);
        parts.onAnswer?.(result.data);
        return result.view;
      },
      () => bench.desk.now(),
      () => bench.invalidate(),
    );
  }

  title(): SafeText {
    return safeText(this.declaration.title, 60);
  }

  /** What is shown, for the tree beside it; `null` while nothing came. */
  get view(): View | null {
    return this.#asked.value;
  }

  get isWaiting(): boolean {
    return this.#asked.askedAt !== null;
  }

  hints(): readonly Hint[] {
    const { open, actions = [] } = this.declaration;
    const own: Hint[] = [];
    if (open !== undefined && this.#parts.mayRun(open.command)) own.push({ key: 'enter', title: safeText(open.title) });
    for (const action of actions) {
      if (action.key === undefined || !this.#parts.mayRun(action.command)) continue;
      own.push({ key: action.key, title: safeText(action.title) });
    }
    // The widget offers to open rows; here only where that leads somewhere.
    const taken = new Set([...own.map(({ key }) => key), 'enter']);
    return [...own, ...this.#widget.hints().filter(({ key }) => !taken.has(key))];
  }

  commandLine(): string {
    return this.#parts.bench.desk.commandLine(this.declaration.command, this.declaration.args ?? {});
  }

  context(): Readonly<Record<string, Plain>> {
    return { row: this.#widget.row, marked: this.#widget.marked.length, kind: this.#asked.value?.kind ?? null };
  }

  refresh(): void {
    // Whoever asks for it by hand does not mean to wait for a question that hangs.
    if (this.#asked.error !== null || this.#asked.value === null) this.#asked.restart();
    else this.#asked.refresh();
  }

  /** Takes up how it was left last time, when that was read late; what was chosen meanwhile goes first. */
  restore(state: Plain): void {
    if (state === null || this.#lastKept !== null) return;
    this.#lastKept = state;
    this.#widget.restore(state);
  }

  /** Asks when nothing is there and nothing is on its way. */
  show(): void {
    this.#asked.refresh();
    this.#peek?.refresh();
  }

  draw(surface: Surface, isFocused: boolean): void {
    const { value, error, askedAt } = this.#asked;
    if (value === null) {
      if (error !== null) drawFailure(surface, failureOf(error));
      else
        drawWaiting(
          surface,
          safeText(this.commandLine()),
          askedAt === null ? 0 : this.#parts.bench.desk.now() - askedAt,
        );
      return;
    }
    const top = error === null ? 0 : 1;
    if (error !== null) drawStale(surface, failureOf(error));
    const peek = value.kind === 'table' && value.rows.length > 0 ? this.#peek : null;
    const peeked = peek === null ? 0 : Peek.rowsOf(surface.height - top);
    this.#widget.draw(surface.area(0, top, surface.width, surface.height - top - peeked), isFocused);
    if (peek === null || peeked === 0) return;
    peek.follow(this.#widget.row);
    peek.draw(surface.area(0, surface.height - peeked, surface.width, peeked));
  }

  key(key: Key): boolean {
    const action = this.#widget.isTyping ? undefined : this.declaration.actions?.find((one) => one.key === key.name);
    if (action !== undefined && this.#parts.mayRun(action.command)) {
      this.act(action);
      return true;
    }
    const isUsed = this.#widget.key?.(key) === true;
    if (isUsed) this.#keepSoon();
    return isUsed;
  }

  paste(text: string): boolean {
    return this.#widget.paste?.(text) === true;
  }

  mouse(event: Mouse): boolean {
    const top = this.#asked.error === null ? 0 : 1;
    return this.#widget.mouse?.({ ...event, y: event.y - top }) === true;
  }

  /** Does something to the marked rows, or to the one that is selected. */
  act(action: RowAction): void {
    const { row, marked } = this.#widget;
    const { bench } = this.#parts;
    if (action.several === true) {
      const rows = marked.length > 0 ? marked : row === null ? [] : [row];
      if (rows.length === 0) bench.toast(`${action.title}: nothing is selected`, 'quiet');
      else bench.openCommand(action.command, { [action.argument]: rows });
      return;
    }
    const only = marked.length === 1 ? (marked[0] ?? row) : row;
    if (only === null) {
      bench.toast(`${action.title}: nothing is selected`, 'quiet');
      return;
    }
    if (marked.length > 1) bench.toast(`${action.title} takes one at a time: the selected row`, 'quiet');
    bench.openCommand(action.command, { [action.argument]: only });
  }

  close(): void {
    if (this.#keepTimer !== null) this.#keep();
    this.#asked.close();
    this.#peek?.close();
  }

  /** What Enter does with a row. */
  open(row: string): void {
    const { open } = this.declaration;
    const own = this.#asked.value === null ? undefined : rowOf(this.#asked.value, row)?.open;
    if (own !== undefined && this.#parts.mayRun(own.command)) {
      this.#parts.bench.openCommand(own.command, own.args);
      return;
    }
    if (open === undefined || !this.#parts.mayRun(open.command)) return;
    this.#parts.bench.openCommand(open.command, { [open.argument]: open.several === true ? [row] : row });
  }

  /** Once the person rests: not at each key. */
  #keepSoon(): void {
    this.#keepTimer ??= setTimeout(() => this.#keep(), restMs);
    this.#keepTimer.unref();
  }

  #keep(): void {
    if (this.#keepTimer !== null) clearTimeout(this.#keepTimer);
    this.#keepTimer = null;
    const state = this.#widget.state();
    if (JSON.stringify(state) === JSON.stringify(this.#lastKept)) return;
    this.#lastKept = state;
    this.#parts.keep(state);
  }
}

/** The row of this identity, wherever in the view it stands. */
function rowOf(view: View, id: string): TableRow | undefined {
  if (view.kind === 'table') return view.rows.find((row) => row.id === id);
  if (view.kind !== 'stack') return undefined;
  for (const inner of view.views) {
    const found = rowOf(inner, id);
    if (found !== undefined) return found;
  }
  return undefined;
}
