import type { Call, Plain } from '@holdfast/api';
import type { ShellCommand, Site } from '../../contract.ts';
import type { Argument } from '../../registry/arguments.ts';

/** What a list of choices is made for. */
export interface Asked {
  readonly site: Site;
  readonly command: ShellCommand;
  readonly argument: Argument;
  /** What has been filled in so far. */
  readonly given: Readonly<Record<string, Plain>>;
  readonly call: Call;
}
