import type { RowAction, View } from '@holdfast/api';
import { safeText } from '../../../model/text/safe-text.ts';
import type { Surface } from '../../contract.ts';
import { ViewWidget } from '../../widgets/data/view-widget.ts';
import type { Bench } from '../contract.ts';
import { cut, widthOf } from '../parts/line.ts';
import { Asked } from '../tasks/asked.ts';
import { failureOf } from '../tasks/failure.ts';

/** So long a row has to stay selected before it is asked about. */
const restMs = 250;
/** Rows of a page from which there is room for it, and the share that it gets. */
const least = 24;
const share = 0.45;

/** Whether a command only shows what is known: one that tries or checks things is not run for looking. */
const onlyShows = (command: string): boolean => /\.show$/.test(command);

/** What matters of the selected row, below its table, where there is room. */
export class Peek {
  readonly #widget: ViewWidget;
  readonly #asked: Asked<{ readonly row: string; readonly view: View }>;
  #row: string | null = null;
  #timer: NodeJS.Timeout | null = null;

  /** `null` where a row opens nothing that may be looked at in passing. */
  static of(bench: Bench, open: RowAction | undefined): Peek | null {
    return open !== undefined && onlyShows(open.command) ? new Peek(bench, open) : null;
  }

  private constructor(bench: Bench, open: RowAction) {
    this.#widget = new ViewWidget({ now: () => bench.desk.now(), invalidate: () => bench.invalidate() });
    this.#asked = new Asked(
      async (signal) => {
        const row = this.#row ?? '';
        const { view } = await bench.desk.run(open.command, { [open.argument]: row }, { signal, ask: null });
        if (!signal.aborted) this.#widget.set(view);
        return { row, view };
      },
      () => bench.desk.now(),
      () => bench.invalidate(),
    );
  }

  /** Rows that it takes of a page so high. */
  static rowsOf(height: number): number {
    return height < least ? 0 : Math.floor(height * share);
  }

  /** Another row is selected now, or still the same. */
  follow(row: string | null): void {
    if (row === this.#row) return;
    this.#row = row;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = row === null ? null : setTimeout(() => this.#asked.restart(), restMs);
    this.#timer?.unref();
  }

  /** Something changed: what is shown is asked for again. */
  refresh(): void {
    if (this.#row !== null && this.#asked.value !== null) this.#asked.refresh();
  }

  draw(surface: Surface): void {
    const { value, error } = this.#asked;
    const title = safeText(` ${this.#row ?? ''} `);
    surface.fill(0, 0, surface.width, 1, { fg: 'panel.border' }, safeText('─'));
    const shown = cut(title, surface.width - 8);
    surface.text(2, 0, shown, { fg: 'panelTitle.activeForeground', bold: true });
    if (widthOf(shown) === 0 || this.#row === null) return;
    const body = surface.area(1, 1, surface.width - 1, surface.height - 1);
    if (error !== null) {
      const failure = failureOf(error);
      body.text(1, 0, cut(safeText(`${failure.text} [${failure.code}]`), body.width - 2), {
        fg: 'descriptionForeground',
      });
      return;
    }
    // What is known of another row is no answer about this one.
    if (value === null || value.row !== this.#row) {
      body.text(1, 0, safeText('…'), { fg: 'descriptionForeground' });
      return;
    }
    this.#widget.draw(body, false);
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#asked.close();
  }
}
