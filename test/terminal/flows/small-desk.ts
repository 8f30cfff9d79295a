import type { CommandResult, Plain, Tone, ViewDeclaration, WalkthroughDeclaration } from '@holdfast/api';
import { safeText } from '../../../core/model/text/safe-text.ts';
import { builtInCommands } from '../../../core/shell/commands/all.ts';
import type { Ask, ShellCommand } from '../../../core/shell/contract.ts';
import { commandLineOf } from '../../../core/shell/desk/command-line.ts';
import type { Change, Choice, Desk, RunHow } from '../../../core/shell/desk/contract.ts';
import { Grid } from '../../../core/terminal/cells/grid.ts';
import type { Key } from '../../../core/terminal/contract.ts';
import type { Bench, Page, RunWish } from '../../../core/terminal/workbench/contract.ts';

export type Args = Readonly<Record<string, Plain>>;
type Answer = (args: Args, how: RunHow) => CommandResult | Promise<CommandResult>;

export const noon = Date.UTC(2026, 10, 22, 12);

/** A command that was run, and with what. */
export interface Ran {
  readonly command: string;
  readonly args: Args;
}

/** What a small desk answers. Commands that are not named answer nothing and fail the test. */
export interface SmallDeskParts {
  readonly answers?: Readonly<Record<string, Answer>>;
  readonly choices?: (command: string, argument: string, given: Args) => readonly Choice[];
  readonly commands?: readonly ShellCommand[];
  readonly views?: readonly ViewDeclaration[];
  readonly walkthroughs?: readonly WalkthroughDeclaration[];
}

export const answer = (text: string, data: Plain = {}): CommandResult => ({
  data,
  view: { kind: 'markdown', title: '', text },
});

export const may = (value: string, detail = '', refused: string | null = null): Choice => ({
  value,
  title: detail === '' ? value : `${value}  ${detail}`,
  refused,
});

/** A desk of which a test says what each command answers; it remembers what was run. */
export class SmallDesk implements Desk {
  readonly actor = { name: 'anna', roles: ['administrator'], from: 'local', session: 'test' } as const;
  readonly site = 'lab';
  readonly version = '1.0.0';
  readonly memory = { get: async () => null, set: async () => {}, keysFile: null };
  readonly ran: Ran[] = [];
  readonly parts: SmallDeskParts;
  readonly #listeners = new Set<(change: Change) => void>();
  at = noon;

  constructor(parts: SmallDeskParts) {
    this.parts = parts;
  }

  now(): number {
    return this.at;
  }

  async commands(): Promise<readonly ShellCommand[]> {
    return this.parts.commands ?? builtInCommands;
  }

  async views(): Promise<readonly ViewDeclaration[]> {
    return this.parts.views ?? [];
  }

  async themes() {
    return [];
  }

  async walkthroughs(): Promise<readonly WalkthroughDeclaration[]> {
    return this.parts.walkthroughs ?? [];
  }

  async problems() {
    return [];
  }

  async choices(command: string, argument: string, given: Args): Promise<readonly Choice[]> {
    return this.parts.choices?.(command, argument, given) ?? [];
  }

  async run(command: string, args: Args, how: RunHow): Promise<CommandResult> {
    this.ran.push({ command, args });
    const handler = this.parts.answers?.[command];
    if (handler === undefined) throw new Error(`nobody expected ${command} to be run`);
    return handler(args, how);
  }

  commandLine(command: string, args: Args): string {
    const declared = (this.parts.commands ?? builtInCommands).find(({ id }) => id === command);
    return declared === undefined ? command : commandLineOf(declared, args, 'holdfast');
  }

  onChange(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  change(change: Change): void {
    for (const listener of this.#listeners) listener(change);
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  /** What was really done: every run but previews and questions. */
  get done(): readonly Ran[] {
    const asked = /\.(list|show|settings|timeline)$/;
    return this.ran.filter(({ command, args }) => args.dryRun !== true && !asked.test(command));
  }
}

/** A bench of which a test decides what a person confirms; it remembers what was opened and told. */
export class SmallBench implements Bench {
  readonly desk: SmallDesk;
  readonly opened: Page[] = [];
  readonly closed: Page[] = [];
  readonly commands: Ran[] = [];
  readonly toasts: { readonly text: string; readonly tone: Tone }[] = [];
  readonly confirmed: { readonly title: string; readonly consequence: string; readonly isDestroying: boolean }[] = [];
  readonly ask: Ask = { text: async () => '', confirm: async () => true };
  readonly #timers: { readonly page: Page; readonly work: () => void }[] = [];
  says = true;

  constructor(parts: SmallDeskParts) {
    this.desk = new SmallDesk(parts);
  }

  invalidate(): void {}

  open(page: Page): void {
    this.opened.push(page);
  }

  close(page: Page): void {
    this.closed.push(page);
    page.close?.();
  }

  openView(): void {}

  openCommand(command: string, args: Args = {}): void {
    this.commands.push({ command, args });
  }

  async run(command: string, args: Args, wish: RunWish = {}): Promise<CommandResult | null> {
    return this.desk.run(command, args, { signal: wish.signal ?? new AbortController().signal, ask: this.ask });
  }

  async confirm(title: string, consequence: string, _yes: string, isDestroying = false): Promise<boolean> {
    this.confirmed.push({ title, consequence, isDestroying });
    return this.says;
  }

  toast(text: string, tone: Tone): void {
    this.toasts.push({ text, tone });
  }

  every(page: Page, _ms: number, work: () => void): void {
    this.#timers.push({ page, work });
  }

  /** What a clock would do. */
  tick(page: Page): void {
    for (const timer of this.#timers) if (timer.page === page) timer.work();
  }
}

export function command(id: string): ShellCommand {
  const found = builtInCommands.find((one) => one.id === id);
  if (found === undefined) throw new Error(`there is no command ${id}`);
  return found;
}

/** A frame of a page as text, blanks at the ends of lines left out. */
export function shot(page: Page, width = 80, height = 24): string {
  const grid = new Grid(width, height);
  page.draw(grid.surface(), true);
  return Array.from({ length: height }, (_, y) => grid.row(y).trimEnd()).join('\n');
}

const typed = (name: string): Key => ({ kind: 'key', name, text: name.length === 1 ? safeText(name) : null });

/** Presses keys: names in `<>`, all else letter by letter. */
export function press(page: Page, keys: string): void {
  for (const [, name, letter = ''] of keys.matchAll(/<([^>]+)>|(.)/gsu)) {
    page.key?.(name === undefined ? typed(letter === ' ' ? 'space' : letter) : typed(name));
  }
}

/** Waits until something holds, turn by turn; what never comes fails by name. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 3_000; turn++) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  throw new Error(`never came: ${what}`);
}
