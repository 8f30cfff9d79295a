import type { CommandResult, Plain, Progress, RowAction, ViewDeclaration } from '@holdfast/api';
import { type SafeText, safeText } from '../../../model/text/safe-text.ts';
import { signs } from '../../../shell/render/paint.ts';
import type { Key, Mouse, Surface } from '../../contract.ts';
import { ViewWidget } from '../../widgets/data/view-widget.ts';
import type { Bench, Hint, Page } from '../contract.ts';
import { cut } from '../parts/line.ts';
import { drawFailure, drawStale, drawWaiting } from '../parts/states.ts';
import { Asked } from '../tasks/asked.ts';
import { failureOf } from '../tasks/failure.ts';

/** What an answer is asked with. */
export interface AnswerParts {
  readonly bench: Bench;
  readonly command: string;
  readonly args: Readonly<Record<string, Plain>>;
  readonly title: string;
  /** What the answer is about, where a view opens it so: the same can be done with it here. */
  readonly subject: { readonly id: string; readonly actions: readonly RowAction[] } | null;
  /** It takes long: it is asked for again only when it has ended. */
  readonly isLong: boolean;
  /** The command line that does the same. */
  readonly line: string;
  /** A view of the same command: its rows offer the same here. */
  readonly like: ViewDeclaration | null;
  ask(signal: AbortSignal): Promise<CommandResult>;
  /** How far a command has got that takes long. */
  progress(): Progress | null;
}

/** The answer of a command that reads, in a tab of its own. */
export class AnswerPage implements Page {
  readonly id: string;
  readonly #parts: AnswerParts;
  readonly #widget: ViewWidget;
  readonly #asked: Asked<CommandResult>;

  constructor(parts: AnswerParts) {
    const { bench } = parts;
    this.id = `command:${parts.command}:${JSON.stringify(parts.args)}`;
    this.#parts = parts;
    this.#widget = new ViewWidget({
      now: () => bench.desk.now(),
      invalidate: () => bench.invalidate(),
      onOpen: (row) => this.#open(row),
    });
    this.#asked = new Asked(
      async (signal) => {
        const result = await parts.ask(signal);
        if (!signal.aborted) this.#widget.set(result.view);
        return result;
      },
      () => bench.desk.now(),
      () => bench.invalidate(),
    );
    this.#asked.refresh();
  }

  title(): SafeText {
    return safeText(this.#parts.title, 60);
  }

  get isWaiting(): boolean {
    return this.#asked.askedAt !== null;
  }

  hints(): readonly Hint[] {
    const { open, actions = this.#parts.subject?.actions ?? [] } = this.#parts.like ?? {};
    const own = [...(open === undefined ? [] : [{ ...open, key: 'enter' }]), ...actions].flatMap(({ key, title }) =>
      key === undefined ? [] : [{ key, title: safeText(title) }],
    );
    const taken = new Set([...own.map(({ key }) => key), 'enter']);
    return [
      ...own,
      ...this.#widget.hints().filter(({ key }) => !taken.has(key)),
      { key: 'escape', title: safeText('back') },
    ];
  }

  commandLine(): string {
    return this.#parts.line;
  }

  context(): Readonly<Record<string, Plain>> {
    const view = this.#asked.value?.view;
    return { row: this.#widget.row, marked: this.#widget.marked.length, kind: view?.kind ?? null };
  }

  refresh(): void {
    if (this.#parts.isLong && this.isWaiting) return;
    if (this.#asked.error !== null || this.#asked.value === null) this.#asked.restart();
    else this.#asked.refresh();
  }

  /** Something changed: what only looks is asked again; what works for its answer waits to be asked by hand. */
  changed(): void {
    if (/(?:^|\.)(?:list|show|why|overview)$/.test(this.#parts.command)) this.#asked.refresh();
  }

  draw(surface: Surface, isFocused: boolean): void {
    const { value, error, askedAt } = this.#asked;
    if (value === null) {
      this.#drawNothingYet(surface, error, askedAt);
      return;
    }
    const top = this.#drawTop(surface, value, error);
    const below = surface.area(0, top, surface.width, surface.height - top);
    this.#widget.draw(below, isFocused);
  }

  key(key: Key): boolean {
    if (!this.#widget.isTyping && this.#act(key.name)) return true;
    return this.#widget.key?.(key) === true;
  }

  paste(text: string): boolean {
    return this.#widget.paste?.(text) === true;
  }

  mouse(event: Mouse): boolean {
    return this.#widget.mouse?.(event) === true;
  }

  close(): void {
    this.#asked.close();
  }

  /** Does what a key stands for: with the selected row of a list, or with what the answer is about. */
  #act(key: string): boolean {
    const { like, subject, bench } = this.#parts;
    const id = like === null ? (subject?.id ?? null) : this.#widget.row;
    const action = (like === null ? subject?.actions : like.actions)?.find((one) => one.key === key);
    if (action === undefined || id === null) return false;
    bench.openCommand(action.command, { [action.argument]: action.several === true ? [id] : id });
    return true;
  }

  #drawNothingYet(surface: Surface, error: unknown, askedAt: number | null): void {
    if (error !== null) {
      drawFailure(surface, failureOf(error));
      return;
    }
    const phase = this.#parts.progress()?.phase;
    const what = phase === undefined ? this.commandLine() : `${this.commandLine()}: ${phase}`;
    const waited = askedAt === null || phase !== undefined ? 0 : this.#parts.bench.desk.now() - askedAt;
    drawWaiting(surface, safeText(what), waited);
  }

  /** What has to be known before the answer is read: it is old, it is bad news, it is not all. Answers the lines it took. */
  #drawTop(surface: Surface, { failure, partial }: CommandResult, error: unknown): number {
    if (error !== null) drawStale(surface, failureOf(error));
    else if (failure !== undefined) {
      const told = safeText(`${signs.bad} ${failure.message} [${failure.code}]`);
      surface.text(0, 0, cut(told, surface.width), { fg: 'tone.bad', bold: true });
    } else if (partial === true) {
      surface.text(0, 0, safeText(`${signs.risk} some of it failed: this is not all`), { fg: 'tone.risk' });
    } else return 0;
    return 1;
  }

  #open(row: string): void {
    const open = this.#parts.like?.open;
    if (open === undefined) return;
    this.#parts.bench.openCommand(open.command, { [open.argument]: open.several === true ? [row] : row });
  }
}
