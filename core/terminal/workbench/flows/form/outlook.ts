import type { CommandResult } from '@holdfast/api';
import { safeText } from '../../../../model/text/safe-text.ts';
import type { ShellCommand } from '../../../../shell/contract.ts';
import type { Key, Surface } from '../../../contract.ts';
import { ViewWidget } from '../../../widgets/data/view-widget.ts';
import type { Bench } from '../../contract.ts';
import { drawRule, drawText, drawTrouble, quiet } from '../lines.ts';
import { type Foreseen, Preview } from '../preview.ts';
import type { Fields } from '../reading.ts';
import type { Trouble } from '../trouble.ts';

const scrolling = new Set(['pageup', 'pagedown', 'pgup', 'pgdn']);

/** After so long a preview is made anew when something changed. */
const oldMs = 30_000;

/** What an outlook is made with. */
export interface OutlookParts {
  readonly bench: Bench;
  readonly title: string;
  /** Says what matters of a preview in a line; empty when the view below says it. */
  readonly summary?: (result: CommandResult) => string;
  readonly onChange?: () => void;
}

/** The lower part of a flow: what would happen, worked out anew a little after each change, before anything is done. */
export class Outlook {
  readonly #parts: OutlookParts;
  readonly #preview: Preview;
  readonly #view: ViewWidget;
  #shown: CommandResult | null = null;
  /** When the preview that is shown was asked for. */
  #askedAt = 0;
  /** Why the last attempt to really do it failed; gone with the next change. */
  #failed: Trouble | null = null;

  constructor(parts: OutlookParts) {
    this.#parts = parts;
    const { bench } = parts;
    this.#preview = new Preview(bench.desk, () => this.#changed());
    this.#view = new ViewWidget({ now: () => bench.desk.now(), invalidate: () => bench.invalidate() });
  }

  get state(): Foreseen {
    return this.#preview.state;
  }

  /** Shows what this command would do with these arguments. */
  want(command: ShellCommand, args: Fields): void {
    this.#failed = null;
    this.#preview.want(command, args);
  }

  hold(why: string): void {
    this.#failed = null;
    this.#preview.hold(why);
  }

  /** Something it depends on is another now. */
  again(): void {
    this.#preview.again();
  }

  /** Something somewhere changed, or a person asked: what was worked out a moment ago still holds. A preview itself changes the catalog. */
  refresh(): boolean {
    const isOld = this.#parts.bench.desk.now() - this.#askedAt >= oldMs;
    if (isOld) this.#preview.again();
    return isOld;
  }

  async settled(): Promise<Foreseen> {
    return this.#preview.settled();
  }

  fail(trouble: Trouble): void {
    this.#failed = trouble;
    this.#parts.bench.invalidate();
  }

  /** Takes the keys that scroll, and no other. */
  key(key: Key): boolean {
    return scrolling.has(key.name) && this.#shown !== null && this.#view.key(key);
  }

  /** @param isTitled Whether a heading says what this is; without one only what went wrong is shown. */
  draw(surface: Surface, isTitled = true): void {
    const { state } = this.#preview;
    const status = state.kind === 'busy' ? 'working it out …' : '';
    if (isTitled) drawRule(surface, 0, safeText(this.#parts.title), safeText(status));
    let y = isTitled ? 1 : 0;
    if (this.#failed !== null) y += drawTrouble(surface, 1, y, this.#failed);
    else if (state.kind === 'refused') y += drawTrouble(surface, 1, y, state.trouble);
    else if (state.kind === 'waiting') y += drawText(surface, 1, y, safeText(state.why), quiet);
    const result = this.#preview.shown;
    if (result === null || this.#failed !== null) return;
    const summary = this.#parts.summary?.(result) ?? '';
    if (summary !== '') y += drawText(surface, 1, y, safeText(summary), undefined, 3);
    this.#view.draw(surface.area(0, y, surface.width, surface.height - y), false);
  }

  close(): void {
    this.#preview.close();
  }

  #changed(): void {
    if (this.#preview.state.kind === 'busy') this.#askedAt = this.#parts.bench.desk.now();
    const result = this.#preview.shown;
    if (result !== null && result !== this.#shown) this.#view.set(result.view);
    this.#shown = result;
    this.#parts.onChange?.();
    this.#parts.bench.invalidate();
  }
}
