import { type SafeText, safeText } from '../../../../model/text/safe-text.ts';
import type { ShellCommand } from '../../../../shell/contract.ts';
import { formatNumbered } from '../../../../shell/format/numbers.ts';
import type { Key, Mouse, Surface } from '../../../contract.ts';
import { FormWidget } from '../../../widgets/dialogue/form/form-widget.ts';
import type { Bench, Hint, Page } from '../../contract.ts';
import { givenBy } from '../form/arguments.ts';
import { Deed } from '../form/deed.ts';
import { Outlook } from '../form/outlook.ts';
import { drawLine, quiet, strong } from '../lines.ts';
import { type Fields, fieldsOf, wordOf, wordsOf } from '../reading.ts';
import { runFollower } from '../run/follow.ts';
import { PickOverlay } from './pick-overlay.ts';
import { keepWords, planSummary } from './plan-summary.ts';
import { StepsPane } from './steps-pane.ts';
import { settingsForm, valuesOfSet, Workflow } from './workflow.ts';

/** Below this many rows the steps that do not fit are left to the list of what may be added. */
const lowRows = 18;

/**
 * Composes a workflow for machines: steps that the plugins loaded right now offer, checked as one goes; their settings; the retention that is
 * in force; and below the plan, before anything is done.
 */
export function composePage(bench: Bench, command: ShellCommand, given: Fields = {}): Page {
  return new ComposePage(bench, command, given);
}

class ComposePage implements Page {
  readonly id: string;
  readonly #bench: Bench;
  readonly #command: ShellCommand;
  readonly #workflow: Workflow;
  readonly #steps: StepsPane;
  readonly #form: FormWidget;
  readonly #outlook: Outlook;
  readonly #deed: Deed;
  readonly #overlay: PickOverlay;
  readonly #unlisten: () => void;
  /** What it would have been run with when it was opened. */
  readonly #opened: string;
  /** Settings that were given when it was opened; their fields come when the steps are known. */
  readonly #given: Fields;
  #zone: 'steps' | 'form' = 'steps';
  /** Names of the fields that the form has now: it is only made anew when they change. */
  #fieldNames = '';
  #keep: Fields = {};
  /** Whether this person may write policies. */
  #mayCompose = false;
  /** Rows of the page in which the parts were drawn, for the mouse. */
  #places = { steps: { from: 0, to: 0 }, form: { from: 0, to: 0 } };

  constructor(bench: Bench, command: ShellCommand, given: Fields) {
    const machines = wordsOf(given.machines);
    this.id = `compose:${machines.join(',')}`;
    this.#bench = bench;
    this.#command = command;
    this.#overlay = new PickOverlay(bench);
    this.#form = new FormWidget({
      invalidate: () => bench.invalidate(),
      choices: (name) => this.#choices(name),
      onChange: () => this.#changed(),
      onSubmit: () => void this.#deed.begin(),
    });
    this.#outlook = new Outlook({ bench, title: 'Plan', summary: planSummary });
    const isOurs = (run: Fields): boolean => {
      const names = [run.machine, run.machineName, `${wordOf(run.endpoint)}/${wordOf(run.machineName)}`].map(wordOf);
      return run.kind === 'protect' && this.#workflow.machines.some((machine) => names.includes(machine));
    };
    this.#deed = new Deed({
      bench,
      page: this,
      command,
      outlook: this.#outlook,
      args: () => this.#args(),
      verb: 'Protect now',
      onBegin: runFollower(bench, isOurs),
    });
    const defaults = wordsOf(fieldsOf(fieldsOf(command.args.properties).steps).default);
    const uses = wordsOf(given.steps);
    this.#workflow = new Workflow(bench.desk, machines, uses.length === 0 ? defaults : uses, () => this.#reshaped());
    this.#steps = new StepsPane({
      workflow: this.#workflow,
      onAdd: () => this.#pickStep(),
      onEnter: () => void this.#deed.begin(),
    });
    const quiesce = wordOf(given.quiesce);
    this.#given = {
      ...(wordOf(given.to) === '' ? {} : { to: wordOf(given.to) }),
      ...(quiesce === '' ? {} : { 'snapshot.quiesce': quiesce }),
      ...valuesOfSet(wordsOf(given.set)),
    };
    this.#setForm();
    // Not when points or runs changed: a plan itself brings the catalog up to date.
    this.#unlisten = bench.desk.onChange((change) => {
      if (change !== 'plugins' && change !== 'configuration') return;
      void this.#workflow.check();
      void this.#readKeep();
      this.#form.refreshChoices();
      this.#outlook.again();
    });
    void this.#readKeep();
    void this.#askRights();
    this.#opened = JSON.stringify(this.#args());
    this.#changed();
    if (machines.length === 0) void this.#pickMachines();
  }

  title(): SafeText {
    const { machines } = this.#workflow;
    const [only, second] = machines;
    return safeText(only !== undefined && second === undefined ? `Protect ${only}` : 'Compose a workflow');
  }

  hints(): readonly Hint[] {
    const own = [
      { key: 'enter', title: safeText('Protect now') },
      { key: 'a', title: safeText('Add a step') },
      { key: 'x', title: safeText('Remove') },
      { key: 'K/J', title: safeText('Move') },
      { key: 'm', title: safeText('Machines') },
      ...(this.#mayCompose ? [{ key: 'P', title: safeText('From now on') }] : []),
      { key: 'tab', title: safeText('Settings') },
    ];
    const inForm = [
      { key: 'enter', title: safeText('Protect now') },
      { key: 'ctrl+up', title: safeText('Steps') },
    ];
    return this.#deed.hints() ?? (this.#zone === 'steps' ? own : inForm);
  }

  commandLine(): string {
    return this.#bench.desk.commandLine(this.#command.id, this.#args());
  }

  context(): Fields {
    return { kind: 'compose', marked: [...this.#workflow.machines] };
  }

  refresh(): void {
    if (this.#outlook.refresh()) void this.#workflow.check();
  }

  mayClose(): Promise<boolean> {
    return this.#deed.mayClose(JSON.stringify(this.#args()) !== this.#opened);
  }

  close(): void {
    this.#unlisten();
    this.#workflow.close();
    this.#outlook.close();
    this.#deed.close();
  }

  key(key: Key): boolean {
    if (this.#overlay.isOpen) return this.#overlay.key(key);
    if (!this.#deed.isPreparing) return this.#deed.key(key);
    if (this.#outlook.key(key)) return true;
    if (this.#zone === 'form') return this.#formKey(key);
    if (key.name === 'm') void this.#pickMachines();
    else if (key.name === 'P' && this.#mayCompose) this.#fromNowOn();
    else if (key.name === 'tab' || (this.#steps.isAtEnd && key.name === 'down')) this.#zone = 'form';
    else if (!this.#steps.key(key)) return false;
    this.#bench.invalidate();
    return true;
  }

  paste(text: string): boolean {
    if (this.#overlay.isOpen) return this.#overlay.paste(text);
    return this.#zone === 'form' && this.#deed.isPreparing && this.#form.paste(text);
  }

  mouse(event: Mouse): boolean {
    if (this.#overlay.isOpen) return this.#overlay.mouse(event);
    if (!this.#deed.isPreparing) return false;
    const { steps, form } = this.#places;
    const isPress = event.action === 'press';
    if (event.y >= form.from && event.y < form.to) {
      if (isPress) this.#zone = 'form';
      return this.#form.mouse({ ...event, x: event.x - 1, y: event.y - form.from });
    }
    if (event.y < steps.from || event.y >= steps.to) return false;
    if (isPress) this.#zone = 'steps';
    this.#bench.invalidate();
    return this.#steps.mouse({ ...event, y: event.y - steps.from });
  }

  draw(surface: Surface, isFocused: boolean): void {
    const { machines } = this.#workflow;
    const count = formatNumbered(machines.length, 'machine');
    const head =
      machines.length === 0 ? 'Compose a workflow: no machine is chosen yet' : `Compose a workflow for ${count}: `;
    const x = 1 + drawLine(surface, 1, 0, safeText(head), strong);
    drawLine(surface, x, 0, safeText(machines.join(', ')));
    const below = surface.area(0, 1, surface.width, surface.height - 1);
    if (this.#deed.isPreparing) this.#drawParts(below, isFocused && !this.#overlay.isOpen);
    else this.#deed.draw(below);
    if (this.#overlay.isOpen) this.#overlay.draw(surface);
  }

  #drawParts(surface: Surface, isFocused: boolean): void {
    const { width, height } = surface;
    const planRows = Math.max(4, Math.floor(height * 0.35));
    const stepRows = Math.min(this.#steps.rows(height < lowRows), Math.max(2, height - planRows - 3));
    this.#steps.draw(surface.area(0, 0, width, stepRows), isFocused && this.#zone === 'steps');
    const room = Math.max(1, height - stepRows - planRows - 1);
    const formRows = Math.min(this.#form.rows(width - 2), room);
    this.#form.draw(surface.area(1, stepRows, width - 2, formRows), isFocused && this.#zone === 'form');
    this.#places = { steps: { from: 1, to: 1 + stepRows }, form: { from: 1 + stepRows, to: 1 + stepRows + formRows } };
    const y = stepRows + formRows;
    drawLine(surface, 1, y, safeText(this.#keepLine()), quiet);
    this.#outlook.draw(surface.area(0, y + 1, width, height - y - 1));
  }

  #keepLine(): string {
    const names = Object.keys(this.#keep);
    const target = wordOf(this.#form.values.to) || (names.length === 1 ? (names[0] ?? '') : '');
    return target === '' ? '' : `keeps ${keepWords(fieldsOf(this.#keep[target]))} on ${target}`;
  }

  #formKey(key: Key): boolean {
    const isUp = key.name === 'ctrl+up' || key.name === 'escape';
    if (!isUp && this.#form.key(key)) return true;
    if (!isUp && key.name !== 'shift+tab' && key.name !== 'up') return false;
    this.#zone = 'steps';
    this.#bench.invalidate();
    return true;
  }

  #args(): Fields {
    const { values } = this.#form;
    return givenBy(this.#command, { ...this.#workflow.args(values), to: values.to });
  }

  /** Choices of a setting: only those that name a target have any beside those of their schema. */
  async #choices(name: string) {
    const field = this.#workflow.fields.find((one) => one.name === name);
    if (name !== 'to' && field?.schema.format !== 'target-name') return [];
    return this.#bench.desk.choices(this.#command.id, 'to', this.#workflow.args({}));
  }

  #setForm(): void {
    const { fields } = this.#workflow;
    this.#fieldNames = JSON.stringify(fields.map(({ name, schema }) => [name, schema]));
    this.#form.set(settingsForm(fieldsOf(this.#command.args.properties).to, fields), {
      ...this.#given,
      ...this.#form.values,
    });
  }

  /** Steps came, went or have other settings now: what was typed stays. */
  #reshaped(): void {
    const names = JSON.stringify(this.#workflow.fields.map(({ name, schema }) => [name, schema]));
    if (names !== this.#fieldNames) this.#setForm();
    this.#changed();
  }

  #changed(): void {
    this.#workflow.settle(this.#form.values);
    const { machines, steps, misfit } = this.#workflow;
    if (machines.length === 0) this.#outlook.hold('choose the machines to protect: m');
    else if (steps.length === 0) this.#outlook.hold('a workflow needs a step: a');
    else if (misfit !== null) this.#outlook.hold(`${misfit.use} does not fit: ${misfit.refused ?? ''}`);
    else this.#outlook.want(this.#command, this.#args());
    this.#bench.invalidate();
  }

  /** The same, by a policy from now on: nothing that was chosen here is lost. */
  #fromNowOn(): void {
    const { values } = this.#form;
    const { machines, ...chosen } = this.#workflow.args(values);
    const to = wordOf(values.to) === '' ? {} : { to: values.to };
    this.#bench.openCommand('policy.set', { machine: machines, ...chosen, ...to });
  }

  #pickStep(): void {
    const { offers } = this.#workflow;
    this.#overlay.open({ title: 'Add a step', choices: offers, onPick: (use) => this.#workflow.add(use) });
  }

  /** Machines are ticked one after the other; Escape is enough of it. What is known is offered at once, then what endpoints answer now. */
  async #pickMachines(): Promise<void> {
    const { desk } = this.#bench;
    const workflow = this.#workflow;
    const known = () => desk.choices(this.#command.id, 'machines', {}).catch(() => []);
    this.#overlay.open({
      title: 'Machines to protect: Enter ticks, Escape when done',
      choices: await known(),
      mark: ({ value }) => (workflow.machines.includes(value) ? '✓ ' : '  '),
      onPick: (name) => workflow.toggleMachine(name),
      stays: true,
    });
    const { signal } = new AbortController();
    // An endpoint that does not answer is told elsewhere; its machines are offered as they are known.
    await desk.run('machine.list', {}, { signal, ask: null }).catch(() => null);
    this.#overlay.update(await known());
  }

  async #askRights(): Promise<void> {
    const known = await this.#bench.desk.commands().catch(() => []);
    this.#mayCompose = known.some(({ id }) => id === 'policy.set');
    this.#bench.invalidate();
  }

  async #readKeep(): Promise<void> {
    try {
      const { signal } = new AbortController();
      const { data } = await this.#bench.desk.run('config.show', {}, { signal, ask: null });
      const config = fieldsOf(fieldsOf(data).config);
      const targets = Object.keys(fieldsOf(config.targets));
      const keep = fieldsOf(config.keep);
      this.#keep = Object.fromEntries(targets.map((name) => [name, fieldsOf(keep[name])]));
    } catch {
      // Retention is also what the plan says would expire; this line only tells the rules.
      this.#keep = {};
    }
    this.#bench.invalidate();
  }
}
