import type { JsonSchema } from '@holdfast/api';
import { type SafeText, safeText } from '../../../../model/text/safe-text.ts';
import type { ShellCommand } from '../../../../shell/contract.ts';
import { shortId } from '../../../../shell/lookup/names.ts';
import type { Key, Mouse, Surface } from '../../../contract.ts';
import { FormWidget } from '../../../widgets/dialogue/form/form-widget.ts';
import type { Bench, Hint, Page } from '../../contract.ts';
import { PickOverlay } from '../compose/pick-overlay.ts';
import { planSummary } from '../compose/plan-summary.ts';
import { givenBy } from '../form/arguments.ts';
import { Deed } from '../form/deed.ts';
import { Outlook } from '../form/outlook.ts';
import { drawLine, drawText, drawTrouble, quiet, strong } from '../lines.ts';
import { type Fields, fieldsOf, wordOf, wordsOf } from '../reading.ts';
import { runFollower } from '../run/follow.ts';
import { type Trouble, troubleOf } from '../trouble.ts';
import { pointsOf } from './points.ts';
import { drawNoPoints, Timeline } from './timeline.ts';

/** Restores a machine: first the point in time, then where to and as what, below what would happen, then Enter. */
export function restorePage(bench: Bench, command: ShellCommand, given: Fields = {}): Page {
  return new RestorePage(bench, command, given);
}

/** What is asked for below the timeline: all but the machine and the point. */
function belowTimeline({ args }: ShellCommand): JsonSchema {
  const { name: _name, at: _at, ...properties } = fieldsOf(args.properties);
  return { ...args, properties, required: wordsOf(args.required).filter((word) => word !== 'name') };
}

const timelineRows = 5;
const mostNames = 100;
/** Looking for points brings the catalog up to date, which is told as a change of points: not each of them is followed. */
const lookAgainMs = 10_000;

class RestorePage implements Page {
  readonly id: string;
  readonly #bench: Bench;
  readonly #command: ShellCommand;
  readonly #timeline: Timeline;
  readonly #form: FormWidget;
  readonly #outlook: Outlook;
  readonly #deed: Deed;
  readonly #overlay: PickOverlay;
  readonly #unlisten: () => void;
  readonly #stop = new AbortController();
  readonly #wanted: string;
  #machine: string;
  #zone: 'timeline' | 'form' = 'timeline';
  /** Rows of the page in which the form was drawn, for the mouse. */
  #formRows = { from: 0, to: 0 };
  #isLooking = true;
  #lookedAt = 0;
  #trouble: Trouble | null = null;

  constructor(bench: Bench, command: ShellCommand, given: Fields) {
    this.#bench = bench;
    this.#command = command;
    this.#machine = wordOf(given.name);
    const at = wordOf(given.at);
    this.#wanted = at === 'latest' ? '' : at;
    this.id = `restore:${this.#machine}:${this.#wanted}`;
    this.#overlay = new PickOverlay(bench);
    this.#timeline = new Timeline(
      () => bench.desk.now(),
      () => this.#changed(),
    );
    this.#form = new FormWidget({
      invalidate: () => bench.invalidate(),
      choices: (name) => bench.desk.choices(command.id, name, this.#args()),
      onChange: () => this.#changed(),
      onSubmit: () => void this.#deed.begin(),
    });
    this.#outlook = new Outlook({ bench, title: 'What it would do', summary: planSummary });
    const isOurs = (run: Fields): boolean =>
      run.kind === 'restore' && [this.#name(), wordOf(this.#form.values.as)].includes(wordOf(run.machineName));
    this.#deed = new Deed({
      bench,
      page: this,
      command,
      outlook: this.#outlook,
      args: () => this.#args(),
      verb: 'Restore',
      onBegin: runFollower(bench, isOurs),
    });
    this.#form.set(belowTimeline(command), given);
    this.#unlisten = bench.desk.onChange((change) => {
      if (change === 'points') this.#lookAgain();
      if (change !== 'configuration' && change !== 'plugins') return;
      this.#form.refreshChoices();
      this.#outlook.again();
    });
    void this.#start();
  }

  title(): SafeText {
    return safeText(this.#machine === '' ? 'Restore a machine' : `Restore ${this.#name()}`);
  }

  hints(): readonly Hint[] {
    const own =
      this.#zone === 'timeline'
        ? [
            { key: '←→', title: safeText('Restore point') },
            { key: 'm', title: safeText('Machine') },
            { key: 'tab', title: safeText('Where to') },
          ]
        : [{ key: 'ctrl+up', title: safeText('Timeline') }];
    return this.#deed.hints() ?? [{ key: 'enter', title: safeText('Restore') }, ...own];
  }

  commandLine(): string {
    return this.#bench.desk.commandLine(this.#command.id, this.#args());
  }

  context(): Fields {
    return { kind: 'restore', row: this.#timeline.chosen?.id ?? '' };
  }

  refresh(): void {
    this.#lookAgain();
    this.#outlook.refresh();
  }

  close(): void {
    this.#stop.abort();
    this.#unlisten();
    this.#outlook.close();
    this.#deed.close();
  }

  key(key: Key): boolean {
    if (this.#overlay.isOpen) return this.#overlay.key(key);
    if (!this.#deed.isPreparing) return this.#deed.key(key);
    if (this.#outlook.key(key)) return true;
    if (this.#zone === 'form') return this.#formKey(key);
    if (key.name === 'm') void this.#pickMachine();
    else if (key.name === 'tab' || key.name === 'down') this.#zone = 'form';
    else if (key.name === 'enter') void this.#deed.begin();
    else if (!this.#timeline.key(key)) return false;
    this.#bench.invalidate();
    return true;
  }

  paste(text: string): boolean {
    if (this.#overlay.isOpen) return this.#overlay.paste(text);
    return this.#zone === 'form' && this.#deed.isPreparing && this.#form.paste(text);
  }

  mouse(event: Mouse): boolean {
    if (this.#overlay.isOpen) return this.#overlay.mouse(event);
    const { from, to } = this.#formRows;
    if (!this.#deed.isPreparing || event.y >= to) return false;
    const isInForm = event.y >= from;
    if (event.action === 'press') this.#zone = isInForm ? 'form' : 'timeline';
    this.#bench.invalidate();
    if (isInForm) return this.#form.mouse({ ...event, x: event.x - 1, y: event.y - from });
    return this.#timeline.mouse({ ...event, y: event.y - 1 });
  }

  draw(surface: Surface, isFocused: boolean): void {
    drawLine(surface, 1, 0, this.title(), strong);
    const below = surface.area(0, 1, surface.width, surface.height - 1);
    if (this.#deed.isPreparing) this.#drawParts(below, isFocused && !this.#overlay.isOpen);
    else this.#deed.draw(below);
    if (this.#overlay.isOpen) this.#overlay.draw(surface);
  }

  #drawParts(surface: Surface, isFocused: boolean): void {
    const { width, height } = surface;
    if (this.#trouble !== null) drawTrouble(surface, 1, 1, this.#trouble);
    else if (this.#timeline.chosen !== null) this.#timeline.draw(surface, isFocused && this.#zone === 'timeline');
    else if (this.#isLooking) drawText(surface, 1, 1, safeText('looking for restore points …'), quiet);
    else drawNoPoints(surface, this.#machine);
    const room = Math.max(2, Math.floor((height - timelineRows) * 0.5));
    const rows = Math.min(this.#form.rows(width - 2), room);
    this.#form.draw(surface.area(1, timelineRows, width - 2, rows), isFocused && this.#zone === 'form');
    this.#formRows = { from: 1 + timelineRows, to: 1 + timelineRows + rows };
    const y = timelineRows + rows + 1;
    this.#outlook.draw(surface.area(0, y, width, height - y));
  }

  #formKey(key: Key): boolean {
    const isUp = key.name === 'ctrl+up' || key.name === 'escape';
    if (!isUp && this.#form.key(key)) return true;
    if (!isUp && key.name !== 'shift+tab' && key.name !== 'up') return false;
    this.#zone = 'timeline';
    this.#bench.invalidate();
    return true;
  }

  /** The machine's name without its endpoint. */
  #name(): string {
    return this.#machine.split('/').at(-1) ?? this.#machine;
  }

  #args(): Fields {
    const { chosen, points } = this.#timeline;
    // A point that was seen is named as itself: `latest` may be another one by the time of Enter.
    const at = chosen?.id ?? this.#wanted;
    const isOnly = points.filter(({ id }) => shortId(id) === shortId(at)).length === 1;
    return givenBy(this.#command, { ...this.#form.values, name: this.#machine, at: isOnly ? shortId(at) : at });
  }

  #changed(): void {
    const [problem] = this.#form.problems;
    if (this.#timeline.chosen === null) this.#outlook.hold('');
    else if (this.#form.isComplete) this.#outlook.want(this.#command, this.#args());
    else this.#outlook.hold(problem === undefined ? 'say what the new machine is called' : problem.text);
    this.#bench.invalidate();
  }

  /** A restore point may be all that is given: it says which machine is meant. */
  async #start(): Promise<void> {
    if (this.#machine === '' && this.#wanted !== '') {
      try {
        const { signal } = this.#stop;
        const { data } = await this.#bench.desk.run('point.show', { point: this.#wanted }, { signal, ask: null });
        const { endpoint, machineName } = fieldsOf(fieldsOf(data).point);
        this.#machine = [wordOf(endpoint), wordOf(machineName)].filter((word) => word !== '').join('/');
      } catch (thrown) {
        this.#trouble = troubleOf(thrown);
      }
    }
    if (this.#machine === '') {
      this.#isLooking = false;
      await this.#pickMachine();
    } else {
      this.#choose(this.#machine);
    }
  }

  async #pickMachine(): Promise<void> {
    const choices = await this.#bench.desk.choices(this.#command.id, 'name', {}).catch(() => []);
    if (this.#stop.signal.aborted) return;
    this.#overlay.open({
      title: 'Which machine is to be restored?',
      choices,
      onPick: (name) => this.#choose(name),
    });
  }

  #choose(machine: string): void {
    this.#machine = machine;
    this.#trouble = null;
    this.#timeline.set([], null);
    void this.#look();
    void this.#suggestName(machine);
  }

  /** A name that no machine has, unless one was typed already. */
  async #suggestName(machine: string): Promise<void> {
    const known = await this.#bench.desk.choices('protect', 'machines', {}).catch(() => []);
    if (machine !== this.#machine || wordOf(this.#form.values.as) !== '') return;
    const taken = new Set(known.map(({ value }) => value.split('/').at(-1)));
    const first = `${this.#name()}-restored`;
    const more = Array.from({ length: mostNames }, (_, index) => `${first}-${index + 2}`);
    const as = [first, ...more].find((name) => !taken.has(name)) ?? first;
    this.#form.set(belowTimeline(this.#command), { ...this.#form.values, as });
    this.#changed();
  }

  #lookAgain(): void {
    if (this.#bench.desk.now() - this.#lookedAt >= lookAgainMs) void this.#look();
  }

  async #look(): Promise<void> {
    const machine = this.#machine;
    if (machine === '') return;
    this.#isLooking = true;
    this.#lookedAt = this.#bench.desk.now();
    try {
      const points = await pointsOf(this.#bench.desk, machine, this.#stop.signal);
      if (machine !== this.#machine) return;
      this.#isLooking = false;
      this.#trouble = null;
      this.#timeline.set(points, this.#wanted);
    } catch (thrown) {
      if (machine !== this.#machine || this.#stop.signal.aborted) return;
      this.#isLooking = false;
      this.#trouble = troubleOf(thrown);
    }
    this.#bench.invalidate();
  }
}
