import type {
  CommandResult,
  KeybindingDeclaration,
  Plain,
  Progress,
  ThemeDeclaration,
  ViewDeclaration,
  WalkthroughDeclaration,
} from '@holdfast/api';
import type { Actor } from '../access/contract.ts';
import type { Ask, ShellCommand } from '../contract.ts';

/** How a command is run for somebody. */
export interface RunHow {
  readonly signal: AbortSignal;
  /** `null` where nobody can be asked. */
  readonly ask: Ask | null;
  progress?(progress: Progress): void;
  log?(level: 'debug' | 'info' | 'warn' | 'error', text: string): void;
  /** As `Site.out`. Absent: exports to a pipe are refused. */
  readonly out?: (bytes: Uint8Array) => Promise<boolean>;
}

/** Something a form or the palette offers for an argument. */
export interface Choice {
  readonly value: string;
  readonly title: string;
  /** Why it cannot be chosen here and now; `null` when it can. */
  readonly refused: string | null;
}

/** What changed while somebody looks. `runs` also when a run only moved on. */
export type Change = 'plugins' | 'configuration' | 'runs' | 'points' | 'sessions' | 'approvals';

/** Something that is wrong and that somebody should know: a plugin that failed, a command that threw, a conflict of keys. */
export interface Problem {
  readonly id: string;
  readonly at: number;
  readonly source: string;
  readonly text: string;
  readonly remedy: string | null;
}

/**
 * What a front that stays open works with, for one person: everything goes through commands, with that person's rights. Follows plugins and
 * configuration as they change, also from another process.
 */
export interface Desk {
  readonly actor: Actor;
  /** Name of the installation, for the status bar. */
  readonly site: string;
  readonly version: string;
  now(): number;
  /** Those that this person may run. */
  commands(): Promise<readonly ShellCommand[]>;
  views(): Promise<readonly ViewDeclaration[]>;
  themes(): Promise<readonly (ThemeDeclaration & { readonly file: string })[]>;
  walkthroughs(): Promise<readonly WalkthroughDeclaration[]>;
  /** Keys of plugins. Absent: there are none. */
  keybindings?(): Promise<readonly { readonly plugin: string; readonly binding: KeybindingDeclaration }[]>;
  problems(): Promise<readonly Problem[]>;
  /** What `x-completes` names, and the rest of an argument's choices: machines, targets, points, steps that fit those chosen before. */
  choices(command: string, argument: string, given: Readonly<Record<string, Plain>>): Promise<readonly Choice[]>;
  /** Runs a command as this person, with their rights, approvals and audit. Throws what the command throws. */
  run(command: string, args: Readonly<Record<string, Plain>>, how: RunHow): Promise<CommandResult>;
  /** How a person types it: `holdfast restore machine web-07 --as web-07-r`. */
  commandLine(command: string, args: Readonly<Record<string, Plain>>): string;
  onChange(listener: (change: Change) => void): () => void;
  /** What this person keeps: theme, keys, widths of columns, recent commands. In a file of their own. */
  readonly memory: Memory;
}

/** Small things remembered from session to session; losing them loses nothing. */
export interface Memory {
  get(key: string): Promise<Plain>;
  set(key: string, value: Plain): Promise<void>;
  /** The file in which a person writes their own keys; `null` where there is none. */
  readonly keysFile: string | null;
}
