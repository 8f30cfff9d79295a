import type { CommandResult, JsonSchema } from '@holdfast/api';
import { type SafeText, safeText } from '../../../../model/text/safe-text.ts';
import type { ShellCommand } from '../../../../shell/contract.ts';
import type { Choice } from '../../../../shell/desk/contract.ts';
import type { Key, Mouse, Surface } from '../../../contract.ts';
import { FormWidget } from '../../../widgets/dialogue/form/form-widget.ts';
import type { Bench, Hint, Page } from '../../contract.ts';
import { drawLine, quiet, strong, toneStyle } from '../lines.ts';
import type { Fields } from '../reading.ts';
import { givenBy, withoutSecrets } from './arguments.ts';
import { Deed } from './deed.ts';
import { Outlook } from './outlook.ts';

/** What makes a form of a command: everything but the command has a default. */
export interface FormParts {
  readonly id: string;
  readonly command: ShellCommand;
  readonly given: Fields;
  /** Default is the command's title. */
  readonly title?: string;
  /** A line below the title: what this is about. */
  readonly about?: string;
  /** What is asked for. Default is all that the command takes. */
  readonly schema?: JsonSchema;
  /** What is typed, as the command takes it. Default takes each value as it is. */
  readonly argsOf?: (values: Fields) => Fields;
  /** Whom to ask for what a value may be. Default is the desk, for the command's argument of that name. */
  readonly choices?: (name: string, values: Fields) => Promise<readonly Choice[]>;
  /** Told of each change, for forms in which one value decides what else is asked for. */
  readonly onValues?: (values: Fields, page: FormPage) => void;
  readonly summary?: (result: CommandResult) => string;
  /** Names what will be gone. Default is the preview, cut. */
  readonly consequence?: (result: CommandResult) => string;
  /** What Enter does, in a word or two. */
  readonly verb?: string;
  /** Told when the command begins, to follow what it begins. */
  readonly onBegin?: (page: Page) => void;
}

const dangers = {
  read: null,
  change: { tone: 'risk', text: safeText('◐ changes things') },
  destroy: { tone: 'bad', text: safeText('✗ destroys') },
} as const;

/** A command as a form, what it would do below, and after Enter what it answered. */
export class FormPage implements Page {
  readonly id: string;
  readonly #bench: Bench;
  readonly #parts: FormParts;
  readonly #form: FormWidget;
  readonly #outlook: Outlook;
  readonly #deed: Deed;
  readonly #unlisten: () => void;
  /** What it would have been run with when it was opened. */
  #opened = '';

  constructor(bench: Bench, parts: FormParts) {
    this.id = parts.id;
    this.#bench = bench;
    this.#parts = parts;
    const { command, summary, consequence, onBegin, verb = 'Run' } = parts;
    this.#form = new FormWidget({
      invalidate: () => bench.invalidate(),
      choices: (name, values) => parts.choices?.(name, values) ?? bench.desk.choices(command.id, name, values),
      onChange: () => this.#changed(),
      onSubmit: () => void this.#deed.begin(),
    });
    this.#outlook = new Outlook({ bench, title: 'What it would do', ...(summary === undefined ? {} : { summary }) });
    this.#deed = new Deed({
      bench,
      page: this,
      command,
      outlook: this.#outlook,
      args: () => this.#args(),
      verb,
      ...(consequence === undefined ? {} : { consequence }),
      ...(onBegin === undefined ? {} : { onBegin }),
    });
    // Not when points or runs changed: a preview itself brings the catalog up to date.
    this.#unlisten = bench.desk.onChange((change) => {
      if (change !== 'plugins' && change !== 'configuration') return;
      this.#form.refreshChoices();
      this.#outlook.again();
    });
    this.#form.set(parts.schema ?? command.args, parts.given, command.positionals);
    this.#opened = JSON.stringify(this.#args());
    this.#changed();
  }

  /** What is typed so far. */
  get values(): Fields {
    return this.#form.values;
  }

  title(): SafeText {
    return safeText(this.#parts.title ?? this.#parts.command.title);
  }

  hints(): readonly Hint[] {
    const own = { key: 'enter', title: safeText(this.#parts.verb ?? 'Run') };
    return this.#deed.hints() ?? [own, ...this.#form.hints()];
  }

  commandLine(): string {
    const { command } = this.#parts;
    return this.#bench.desk.commandLine(command.id, withoutSecrets(command, this.#args()));
  }

  context(): Fields {
    return { kind: 'form', command: this.#parts.command.id };
  }

  refresh(): void {
    this.#outlook.refresh();
  }

  mayClose(): Promise<boolean> {
    return this.#deed.mayClose(JSON.stringify(this.#args()) !== this.#opened);
  }

  close(): void {
    this.#unlisten();
    this.#outlook.close();
    this.#deed.close();
  }

  /** Asks for something else from now on. */
  reshape(schema: JsonSchema, values: Fields): void {
    const isAsOpened = JSON.stringify(this.#args()) === this.#opened;
    this.#form.set(schema, values, this.#parts.command.positionals);
    if (isAsOpened) this.#opened = JSON.stringify(this.#args());
    this.#changed();
  }

  /** Goes to the first field that is missing or wrong. */
  focusOpen(): void {
    const [problem] = this.#form.problems;
    if (problem !== undefined) this.#form.focus(problem.name);
    this.#bench.invalidate();
  }

  key(key: Key): boolean {
    if (!this.#deed.isPreparing) return this.#deed.key(key);
    return this.#outlook.key(key) || this.#form.key(key);
  }

  paste(text: string): boolean {
    return this.#deed.isPreparing && this.#form.paste(text);
  }

  mouse(event: Mouse): boolean {
    const y = event.y - this.#headRows();
    if (!this.#deed.isPreparing || y < 0) return false;
    return this.#form.mouse({ ...event, x: event.x - 1, y });
  }

  draw(surface: Surface, isFocused: boolean): void {
    const { about, command } = this.#parts;
    drawLine(surface, 1, 0, this.title(), strong);
    const danger = dangers[command.danger];
    if (danger !== null && surface.width >= 60) {
      surface.text(surface.width - danger.text.length - 1, 0, danger.text, toneStyle(danger.tone));
    }
    if (about !== undefined) drawLine(surface, 1, 1, safeText(about), quiet);
    const top = this.#headRows();
    const below = surface.area(0, top, surface.width, surface.height - top);
    if (this.#deed.isPreparing) this.#drawForm(below, isFocused);
    else this.#deed.draw(below);
  }

  #headRows(): number {
    return this.#parts.about === undefined ? 2 : 3;
  }

  #drawForm(surface: Surface, isFocused: boolean): void {
    const isReading = this.#parts.command.danger === 'read';
    const most = isReading ? surface.height : Math.max(3, Math.floor(surface.height * 0.6));
    const rows = Math.min(this.#form.rows(surface.width - 2), most);
    this.#form.draw(surface.area(1, 0, surface.width - 2, rows), isFocused);
    const rest = surface.area(0, rows + 1, surface.width, surface.height - rows - 1);
    this.#outlook.draw(rest, !isReading);
  }

  #args(): Fields {
    const { values } = this.#form;
    return givenBy(this.#parts.command, this.#parts.argsOf?.(values) ?? values);
  }

  #changed(): void {
    this.#parts.onValues?.(this.#form.values, this);
    const [problem] = this.#form.problems;
    if (this.#form.isComplete) this.#outlook.want(this.#parts.command, this.#args());
    else this.#outlook.hold(problem === undefined ? 'something is not filled in yet' : problem.text);
    this.#bench.invalidate();
  }
}
