import { type SafeText, safeText } from '../../../../model/text/safe-text.ts';
import { formatMoment } from '../../../../shell/format/times.ts';
import { shortId } from '../../../../shell/lookup/names.ts';
import type { Key, Mouse, Surface } from '../../../contract.ts';
import { ViewWidget } from '../../../widgets/data/view-widget.ts';
import type { Bench, Hint, Page } from '../../contract.ts';
import { drawLine, drawText, drawTrouble, quiet, strong } from '../lines.ts';
import { type Fields, fieldsOf, figureOf, itemsOf, wordOf } from '../reading.ts';
import { type Trouble, troubleOf } from '../trouble.ts';

const lookAgainMs = 10_000;

/** One restore point: its machine and disks, and what can be done with it, each with a preview or a question of its own. */
export function pointPage(bench: Bench, point: string): Page {
  return new PointPage(bench, point);
}

class PointPage implements Page {
  readonly id: string;
  readonly #bench: Bench;
  readonly #wanted: string;
  readonly #view: ViewWidget;
  readonly #stop = new AbortController();
  #point: Fields | null = null;
  #trouble: Trouble | null = null;
  #lookedAt = 0;

  constructor(bench: Bench, point: string) {
    this.id = `point:${point}`;
    this.#bench = bench;
    this.#wanted = point;
    this.#view = new ViewWidget({
      now: () => bench.desk.now(),
      invalidate: () => bench.invalidate(),
      onOpen: (row) => this.#export(row),
    });
    void this.#look();
  }

  title(): SafeText {
    const name = wordOf(this.#point?.machineName);
    return safeText(`${name === '' ? 'Point' : name} ${shortId(this.#wanted)}`);
  }

  hints(): readonly Hint[] {
    if (this.#point === null) return [];
    return [
      { key: 'r', title: safeText('Restore') },
      { key: 'v', title: safeText('Verify') },
      { key: 'e', title: safeText('Export a disk') },
      { key: 'x', title: safeText('Forget') },
    ];
  }

  commandLine(): string {
    return this.#bench.desk.commandLine('point.show', { point: this.#wanted });
  }

  context(): Fields {
    return { kind: 'point', row: this.#wanted };
  }

  /** A restore point never changes, it only goes: it is not read again with each step of a run. */
  refresh(): void {
    if (this.#bench.desk.now() - this.#lookedAt >= lookAgainMs) void this.#look();
  }

  close(): void {
    this.#stop.abort();
  }

  key(key: Key): boolean {
    const point = this.#point;
    if (point === null) return false;
    const id = wordOf(point.point);
    const machine = `${wordOf(point.endpoint)}/${wordOf(point.machineName)}`;
    if (key.name === 'r') this.#bench.openCommand('restore.machine', { name: machine, at: id });
    else if (key.name === 'v') this.#bench.openCommand('point.verify', { point: id });
    else if (key.name === 'e') this.#export(this.#view.row);
    else if (key.name === 'x') this.#bench.openCommand('point.forget', { points: [id] });
    else return this.#view.key(key);
    return true;
  }

  mouse(event: Mouse): boolean {
    return this.#view.mouse({ ...event, y: event.y - 2 });
  }

  draw(surface: Surface, isFocused: boolean): void {
    if (this.#trouble !== null) {
      drawTrouble(surface, 1, 0, this.#trouble);
      return;
    }
    if (this.#point === null) {
      drawText(surface, 1, 0, safeText('reading the restore point …'), quiet);
      return;
    }
    const taken = figureOf(this.#point.takenAt);
    const when = taken === null ? '' : ` as it was at ${formatMoment(taken)}`;
    drawLine(surface, 1, 0, safeText(`${wordOf(this.#point.machineName)}${when}`), strong);
    this.#view.draw(surface.area(0, 2, surface.width, surface.height - 2), isFocused);
  }

  /** A disk under the cursor, or the only one, is meant; else the form asks which. */
  #export(row: string | null): void {
    if (this.#point === null) return;
    const keys = itemsOf(this.#point.disks).map((disk) => wordOf(fieldsOf(disk).key));
    const disk = keys.find((key) => key === row) ?? (keys.length === 1 ? keys[0] : undefined);
    this.#bench.openCommand('point.export', {
      point: wordOf(this.#point.point),
      ...(disk === undefined ? {} : { disk }),
    });
  }

  async #look(): Promise<void> {
    const { desk } = this.#bench;
    this.#lookedAt = desk.now();
    try {
      const { signal } = this.#stop;
      const { data, view } = await desk.run('point.show', { point: this.#wanted }, { signal, ask: null });
      this.#point = fieldsOf(fieldsOf(data).point);
      this.#trouble = null;
      this.#view.set(view);
    } catch (thrown) {
      this.#trouble = troubleOf(thrown);
    }
    if (!this.#stop.signal.aborted) this.#bench.invalidate();
  }
}
