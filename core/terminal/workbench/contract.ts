import type { CommandResult, Plain, Tone } from '@holdfast/api';
import type { SafeText } from '../../model/text/safe-text.ts';
import type { Ask } from '../../shell/contract.ts';
import type { Desk } from '../../shell/desk/contract.ts';
import type { Tty, Widget } from '../contract.ts';

/** A key that works here and what it does, for the footer and the help overlay. */
export interface Hint {
  readonly key: string;
  readonly title: SafeText;
}

/** What fills a tab. */
export interface Page extends Widget {
  /** The same thing opened again comes to the front instead: `view:machines`, `command:restore.machine:web-07`, `run:8f2c…`. */
  readonly id: string;
  title(): SafeText;
  hints(): readonly Hint[];
  /** The command line that does the same; `null` while there is none. */
  commandLine(): string | null;
  /** What `when` expressions can ask for: `row`, `marked`, `kind`. */
  context?(): Readonly<Record<string, Plain>>;
  /** Asks for its data again: F5, or something changed. */
  refresh?(): void;
  /** May refuse to be closed by answering `false`: something typed would be lost, and the person said so. */
  mayClose?(): Promise<boolean>;
  close?(): void;
}

/** How a command is run from a page. */
export interface RunWish {
  /** Shown while it works: in the panel (default), or nowhere for what takes no time. */
  readonly show?: 'panel' | 'nothing';
  /** Whether failures are thrown to the page instead of being shown as a toast and a problem. Default is `false`. */
  readonly throws?: boolean;
  readonly signal?: AbortSignal;
  /** Questions of the command come as dialogs unless the page answers them. */
  readonly ask?: Ask | null;
}

/** What pages can do: all of the workbench that they see. */
export interface Bench {
  readonly desk: Desk;
  /** Draws a frame soon. */
  invalidate(): void;
  open(page: Page): void;
  close(page: Page): void;
  /** Opens a view by its id. */
  openView(id: string): void;
  /**
   * Runs a command as a person means it: one that reads and needs nothing more shows its answer in a tab; any other opens its form with a preview first.
   */
  openCommand(command: string, given?: Readonly<Record<string, Plain>>): void;
  /** Runs a command and answers what it answers; `null` when it failed or was cancelled and the person has been told. Survives the page. */
  run(command: string, args: Readonly<Record<string, Plain>>, wish?: RunWish): Promise<CommandResult | null>;
  readonly ask: Ask;
  /** A dialog that names the consequence. */
  confirm(title: string, consequence: string, yes: string, isDestroying?: boolean): Promise<boolean>;
  toast(text: string, tone: Tone): void;
  /** Every `ms` while the page is open; ends with it. */
  every(page: Page, ms: number, work: () => void): void;
}

/** What a workbench is opened with. */
export interface WorkbenchParts {
  readonly tty: Tty;
  readonly desk: Desk;
  onEnd?(): void;
}

/** An open workbench: the screen of one person. */
export interface Workbench {
  /** When the person has left or is gone, and what ended with them has reached a safe state. Fails with what crashed the screen. */
  readonly ended: Promise<void>;
  /** Ends it from outside: the server stops, an administrator ends the session. Idempotent. */
  close(): void;
  /** What is shown now, row by row, for tests and for observers. */
  text(): string;
  /** Shows the person a line, from whoever runs the session. */
  notice(text: string): void;
  /** Names of those who look on; the person is told, and sees them as long as they do. */
  observedBy(names: readonly string[]): void;
}
