import type { WalkthroughDeclaration } from '@holdfast/api';
import { type SafeText, safeText } from '../../../../model/text/safe-text.ts';
import { displayWidth } from '../../../../shell/format/width.ts';
import type { Key, Mouse, Surface } from '../../../contract.ts';
import { parseWhen } from '../../../keys/when.ts';
import type { Bench, Hint, Page } from '../../contract.ts';
import { asSafe, drawLine, drawText, drawTrouble, quiet, strong, toneStyle } from '../lines.ts';
import type { Fields } from '../reading.ts';
import { type Trouble, troubleOf } from '../trouble.ts';
import { countsOf } from './counts.ts';

type Step = WalkthroughDeclaration['steps'][number];

/** A step or the heading of a walkthrough, in the order in which they stand. */
type Row = { readonly heading: string } | { readonly step: Step; readonly isDone: boolean; readonly place: number };

const what =
  'Holdfast protects virtual machines: it copies their disks, changed blocks only, into encrypted restore points, and makes machines of them again.';

/** First steps with Holdfast and with what plugins bring: each opens the flow that does it, and is ticked when it is done. */
export function welcomePage(bench: Bench): Page {
  return new WelcomePage(bench);
}

class WelcomePage implements Page {
  readonly id = 'welcome';
  readonly #bench: Bench;
  readonly #unlisten: () => void;
  readonly #stop = new AbortController();
  #walkthroughs: readonly WalkthroughDeclaration[] = [];
  #commands = new Set<string>();
  #counts: Fields = {};
  /** Which step has the cursor; `null` until a person moved: then it is the first that is not done. */
  #at: number | null = null;
  #trouble: Trouble | null = null;
  #isLooking = false;
  /** Something changed while it was looked at. */
  #isStale = false;
  /** Where each step was drawn, for the mouse. */
  #rowsAt: readonly (number | null)[] = [];

  constructor(bench: Bench) {
    this.#bench = bench;
    this.#unlisten = bench.desk.onChange(() => void this.#look());
    void this.#look();
  }

  title(): SafeText {
    return safeText('Welcome');
  }

  hints(): readonly Hint[] {
    const step = this.#step();
    if (step === null) return [];
    const open = step.command === undefined ? [] : [{ key: 'enter', title: safeText('Begin') }];
    return [...open, { key: '↑↓', title: safeText('Steps') }];
  }

  commandLine(): string | null {
    const command = this.#step()?.command;
    return command === undefined ? null : this.#bench.desk.commandLine(command, {});
  }

  context(): Fields {
    return { kind: 'welcome', ...this.#counts };
  }

  refresh(): void {
    void this.#look();
  }

  close(): void {
    this.#stop.abort();
    this.#unlisten();
  }

  key(key: Key): boolean {
    const at = this.#cursor();
    if (key.name === 'up' || key.name === 'k') this.#at = Math.max(0, at - 1);
    else if (key.name === 'down' || key.name === 'j') this.#at = Math.min(this.#steps().length - 1, at + 1);
    else if (key.name === 'enter') this.#begin();
    else return false;
    this.#bench.invalidate();
    return true;
  }

  mouse(event: Mouse): boolean {
    const place = this.#rowsAt[event.y];
    if (event.action !== 'press' || place === undefined || place === null) return false;
    if (place === this.#cursor()) this.#begin();
    this.#at = place;
    this.#bench.invalidate();
    return true;
  }

  draw(surface: Surface, isFocused: boolean): void {
    drawLine(surface, 1, 0, safeText('Welcome to Holdfast'), strong);
    let y = 1 + drawText(surface, 1, 1, safeText(what), quiet, 3);
    if (this.#trouble !== null) y += drawTrouble(surface, 1, y, this.#trouble);
    const rowsAt: (number | null)[] = [];
    const isLow = surface.height < 18;
    for (const row of this.#rows()) {
      if ('heading' in row) {
        if (!isLow) y += 1;
        drawLine(surface, 1, y, safeText(row.heading), strong);
        y += 1;
        continue;
      }
      const isHere = row.place === this.#cursor();
      rowsAt[y] = row.place;
      this.#drawStep(surface, y, row, isHere && isFocused);
      y += 1;
      if (isHere) y += drawText(surface, 6, y, safeText(row.step.text), quiet, isLow ? 2 : 4);
    }
    this.#rowsAt = rowsAt;
  }

  #drawStep(surface: Surface, y: number, { step, isDone }: Extract<Row, { step: Step }>, isHere: boolean): void {
    const style = isHere
      ? ({ fg: 'list.activeSelectionForeground', bg: 'list.activeSelectionBackground' } as const)
      : {};
    if (isHere) surface.fill(0, y, surface.width, 1, style);
    const sign = isDone ? toneStyle('good') : toneStyle('quiet');
    surface.text(2, y, asSafe(isDone ? '✓' : '○'), isHere ? style : sign);
    drawLine(surface, 4, y, safeText(step.title), { ...style, bold: isHere });
    if (!isHere || step.command === undefined) return;
    const button = safeText(' Enter: begin ');
    const x = surface.width - displayWidth(button) - 1;
    if (x > displayWidth(safeText(step.title)) + 6) {
      surface.text(x, y, button, { fg: 'button.foreground', bg: 'button.background' });
    }
  }

  /** Those whose command this person may run. */
  #rows(): readonly Row[] {
    let place = -1;
    return this.#walkthroughs.flatMap(({ title, steps }) => {
      const own = steps.filter(({ command }) => command === undefined || this.#commands.has(command));
      const rows = own.map((step): Row => {
        place += 1;
        return { step, isDone: this.#isDone(step), place };
      });
      return rows.length === 0 ? [] : [{ heading: title }, ...rows];
    });
  }

  #steps(): readonly Extract<Row, { step: Step }>[] {
    return this.#rows().filter((row) => 'step' in row);
  }

  #cursor(): number {
    const steps = this.#steps();
    const open = steps.find(({ isDone }) => !isDone)?.place ?? 0;
    return Math.min(this.#at ?? open, Math.max(0, steps.length - 1));
  }

  #step(): Step | null {
    return this.#steps()[this.#cursor()]?.step ?? null;
  }

  #begin(): void {
    const command = this.#step()?.command;
    if (command !== undefined) this.#bench.openCommand(command);
  }

  /** A condition that cannot be read never holds. */
  #isDone({ doneWhen }: Step): boolean {
    if (doneWhen === undefined) return false;
    try {
      return parseWhen(doneWhen).evaluate(this.#counts);
    } catch {
      return false;
    }
  }

  async #look(): Promise<void> {
    this.#isStale = this.#isLooking;
    if (this.#isLooking) return;
    this.#isLooking = true;
    const { desk } = this.#bench;
    try {
      const [walkthroughs, commands, counts] = await Promise.all([
        desk.walkthroughs(),
        desk.commands(),
        countsOf(desk, this.#stop.signal),
      ]);
      this.#walkthroughs = walkthroughs;
      this.#commands = new Set(commands.map(({ id }) => id));
      this.#counts = counts;
      this.#trouble = null;
    } catch (thrown) {
      this.#trouble = troubleOf(thrown);
    }
    this.#isLooking = false;
    if (this.#stop.signal.aborted) return;
    this.#bench.invalidate();
    if (this.#isStale) await this.#look();
  }
}
