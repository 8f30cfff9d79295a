import type { LogView, TableView, View } from '@holdfast/api';
import { type SafeText, safeText } from '../../../../model/text/safe-text.ts';
import { shortId } from '../../../../shell/lookup/names.ts';
import type { Key, Mouse, Surface } from '../../../contract.ts';
import { ViewWidget } from '../../../widgets/data/view-widget.ts';
import type { Bench, Hint, Page } from '../../contract.ts';
import { drawRule, drawTrouble } from '../lines.ts';
import type { Fields } from '../reading.ts';
import { type Trouble, troubleOf } from '../trouble.ts';
import { type RunFacts, runFacts } from './run-facts.ts';
import { drawRunHead } from './run-head.ts';

const askMs = 1_000;

const reasonsView = (facts: RunFacts): TableView => ({
  kind: 'table',
  title: '',
  columns: [
    { key: 'decision', title: 'decision', priority: 0 },
    { key: 'because', title: 'because', priority: 0 },
  ],
  rows: facts.reasons.map(({ decision, because }, index) => ({
    id: String(index),
    cells: { decision: { kind: 'text', text: decision }, because: { kind: 'text', text: because } },
  })),
  empty: 'nothing was decided yet',
});

const logView = (facts: RunFacts): LogView => ({ kind: 'log', title: '', lines: facts.log });

/** A run while it runs and after: where the time goes, why it did what it did, and how it is stopped safely or run again. */
export function runPage(bench: Bench, run: string): Page {
  return new RunPage(bench, run);
}

class RunPage implements Page {
  readonly id: string;
  readonly #bench: Bench;
  readonly #run: string;
  readonly #lower: ViewWidget;
  #facts: RunFacts | null = null;
  #trouble: Trouble | null = null;
  #isAsking = false;
  #isClosed = false;
  #isWatching = false;
  #showsWhy = false;

  constructor(bench: Bench, run: string) {
    this.id = `run:${run}`;
    this.#bench = bench;
    this.#run = run;
    this.#lower = new ViewWidget({ now: () => bench.desk.now(), invalidate: () => bench.invalidate() });
    void this.#ask();
  }

  title(): SafeText {
    const machine = this.#facts?.machine.split('/').at(-1);
    return safeText(machine === undefined ? `Run ${shortId(this.#run)}` : `Run ${shortId(this.#run)} ${machine}`);
  }

  hints(): readonly Hint[] {
    const facts = this.#facts;
    if (facts === null) return [];
    const why = { key: 'y', title: safeText(this.#showsWhy ? 'Log' : 'Why') };
    if (!facts.isOver) return facts.isStopping ? [why] : [{ key: 'c', title: safeText('Cancel safely') }, why];
    const again = facts.state === 'done' ? [] : [{ key: 'r', title: safeText('Retry') }];
    const point = facts.point === null ? [] : [{ key: 'p', title: safeText('Restore point') }];
    return [...again, ...point, why];
  }

  commandLine(): string {
    return this.#bench.desk.commandLine('run.watch', { run: this.#run });
  }

  context(): Fields {
    return { kind: 'run', row: this.#run, state: this.#facts?.state ?? '' };
  }

  refresh(): void {
    void this.#ask();
  }

  close(): void {
    this.#isClosed = true;
  }

  key(key: Key): boolean {
    const facts = this.#facts;
    if (key.name === 'y') this.#toggle();
    else if (key.name === 'c' && facts !== null && !facts.isOver) void this.#cancel(facts);
    else if (key.name === 'r' && facts?.isOver === true && facts.state !== 'done') void this.#retry(facts);
    else if (key.name === 'p' && facts?.point != null) this.#bench.openCommand('point.show', { point: facts.point });
    else return this.#lower.key(key);
    return true;
  }

  mouse(event: Mouse): boolean {
    return event.action.startsWith('wheel') && this.#lower.mouse(event);
  }

  draw(surface: Surface, isFocused: boolean): void {
    this.#watch();
    let y = 0;
    if (this.#facts !== null) y = drawRunHead(surface, this.#facts);
    if (this.#trouble !== null) y += drawTrouble(surface, 1, y, this.#trouble);
    if (this.#facts === null) return;
    drawRule(surface, y, safeText(this.#showsWhy ? 'Why' : 'Log'));
    this.#lower.draw(surface.area(0, y + 1, surface.width, surface.height - y - 1), isFocused);
  }

  /** Asks every second from when it is first seen: a page that stands for one that is open already is never drawn. */
  #watch(): void {
    if (this.#isWatching) return;
    this.#isWatching = true;
    this.#bench.every(this, askMs, () => {
      if (this.#facts?.isOver !== true) void this.#ask();
    });
  }

  #toggle(): void {
    this.#showsWhy = !this.#showsWhy;
    this.#fill();
  }

  #fill(): void {
    if (this.#facts === null) return;
    const view: View = this.#showsWhy ? reasonsView(this.#facts) : logView(this.#facts);
    this.#lower.set(view);
    this.#bench.invalidate();
  }

  async #ask(): Promise<void> {
    if (this.#isAsking || this.#isClosed) return;
    this.#isAsking = true;
    const { desk } = this.#bench;
    try {
      const { signal } = new AbortController();
      const { data } = await desk.run('run.show', { run: this.#run }, { signal, ask: null });
      this.#facts = runFacts(data, desk.now());
      this.#trouble = null;
      this.#fill();
    } catch (thrown) {
      this.#trouble = troubleOf(thrown);
      this.#bench.invalidate();
    } finally {
      this.#isAsking = false;
    }
  }

  async #cancel(facts: RunFacts): Promise<void> {
    const consequence = `The run stops at the next safe place, in half a minute at most. What it has not committed is given up, and what it left in the world is taken back. Restore points of ${facts.machine} that are there already stay.`;
    if (!(await this.#bench.confirm(`Stop this run of ${facts.machine}?`, consequence, 'Stop it'))) return;
    await this.#bench.run('run.cancel', { run: this.#run, yes: true }, { show: 'nothing' });
    await this.#ask();
  }

  async #retry(facts: RunFacts): Promise<void> {
    const steps = facts.steps.map(({ use }) => use).join(' → ');
    const consequence = `It runs ${steps} of ${facts.machine} again, from where it got to.`;
    if (!(await this.#bench.confirm('Run it again?', consequence, 'Retry'))) return;
    const work = this.#bench.run('run.retry', { run: this.#run, yes: true });
    // The record is put back before anything is done: from then on the page follows it as before.
    this.#facts = { ...facts, isOver: false, state: 'waiting', tone: 'quiet', error: null };
    this.#bench.invalidate();
    await work;
    await this.#ask();
  }
}
