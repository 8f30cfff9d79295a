import type { Call, Plain } from './call.ts';
import type { ErrorCode } from './error-codes.ts';
import type { JsonSchema, View } from './view.ts';

/** What a command does to the world: looks, changes what can be changed back, or destroys. */
export type Danger = 'read' | 'change' | 'destroy';

/** A command as a manifest declares it. */
export interface CommandDeclaration {
  /** Words of the command line joined by dots: `point.verify` is `holdfast point verify`. */
  readonly id: string;
  /** In the imperative, for palette and help: `Verify a restore point`. */
  readonly title: string;
  /** JSON schema of an object. Properties become flags; those named in `positionals` become arguments, in that order. */
  readonly args: JsonSchema;
  readonly positionals?: readonly string[];
  readonly danger: Danger;
  /** Context in which the palette offers it. Absent: always. */
  readonly when?: string;
  readonly examples?: readonly string[];
}

/** What a command answers. */
export interface CommandResult {
  /** What `--json` prints. Where the action can be taken back, `undo` in it names the command that does: `{ command, args }`; the workbench offers it by a key. */
  readonly data: Plain;
  /** What a person sees. */
  readonly view: View;
  /** Set when some of the work was done and some failed: exit code 3. */
  readonly partial?: boolean;
  /** Set when what was found is bad news although the command did its work, as damage found by a check: shown after the answer, exit code as of `code`. */
  readonly failure?: { readonly code: ErrorCode; readonly message: string; readonly remedy?: string };
}

/** Runs a command. Arguments have been checked against the schema and carry its defaults. */
export type CommandHandler = (args: Readonly<Record<string, Plain>>, call: Call) => Promise<CommandResult>;
