import type { Call, CommandDeclaration, CommandResult, Plain } from '@holdfast/api';
import type { Catalog } from '../catalog/contract.ts';
import type { Folders, LoadedConfig, Secrets } from '../config/contract.ts';
import type { Engine } from '../engine/contract.ts';
import type { PluginHost } from '../host/contract.ts';
import type { Repository } from '../repository/contract.ts';

/** Everything a command may use. Each part is opened on first use, so that a command pays only for what it needs. */
export interface Site {
  readonly folders: Folders;
  config(): Promise<LoadedConfig>;
  secrets(): Promise<Secrets>;
  host(): Promise<PluginHost>;
  catalog(): Promise<Catalog>;
  engine(): Promise<Engine>;
  repository(target: string, call: Call): Promise<Repository>;
  /** Asks a person, where there is one; `null` where there is none. */
  readonly ask: Ask | null;
  now(): number;
}

/** How a command asks a person. */
export interface Ask {
  text(question: string, options?: { readonly secret?: boolean; readonly fallback?: string }): Promise<string>;
  confirm(question: string): Promise<boolean>;
}

/** A command of the shell, registered once. CLI, palette, keys and help are all made from this. */
export interface ShellCommand extends CommandDeclaration {
  /** Loads the code on first use. */
  readonly load: () => Promise<{ readonly run: ShellHandler }>;
  /** Answers with progress on a run: the front shows it while the command works. */
  readonly long?: boolean;
}

/** Handles a command. `args` carry the schema's defaults; `dryRun` and `yes` are among them where the command changes anything. */
export type ShellHandler = (site: Site, args: Readonly<Record<string, Plain>>, call: Call) => Promise<CommandResult>;
