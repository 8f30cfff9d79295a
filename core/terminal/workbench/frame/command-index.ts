import type { ViewDeclaration } from '@holdfast/api';
import type { ShellCommand } from '../../../shell/contract.ts';
import type { Desk } from '../../../shell/desk/contract.ts';
import { argumentsOf } from '../../../shell/registry/arguments.ts';
import { Asked } from '../tasks/asked.ts';

const none: readonly ShellCommand[] = [];

/** What can be done and seen now, as this person may; asked for again when plugins or the configuration change. */
export class CommandIndex {
  readonly #commands: Asked<readonly ShellCommand[]>;
  readonly #views: Asked<readonly ViewDeclaration[]>;
  #byId: ReadonlyMap<string, ShellCommand> = new Map();
  #of: readonly ShellCommand[] | null = null;

  constructor(desk: Desk, onChange: () => void) {
    const now = (): number => desk.now();
    this.#commands = new Asked(() => desk.commands(), now, onChange);
    this.#views = new Asked(() => desk.views(), now, onChange);
  }

  get isKnown(): boolean {
    return this.#commands.value !== null;
  }

  /** `null` while nobody answered. */
  get views(): readonly ViewDeclaration[] | null {
    return this.#views.value;
  }

  /** What asking failed with; `null` when it did not. */
  get error(): unknown {
    return this.#views.error ?? this.#commands.error;
  }

  get all(): readonly ShellCommand[] {
    return this.#commands.value ?? none;
  }

  get(id: string): ShellCommand | null {
    if (this.#of !== this.#commands.value) {
      this.#of = this.#commands.value;
      this.#byId = new Map(this.all.map((command) => [command.id, command]));
    }
    return this.#byId.get(id) ?? null;
  }

  /** Whether the command is there for this person; `true` while that is not known. */
  may(id: string): boolean {
    return !this.isKnown || this.get(id) !== null;
  }

  refresh(): void {
    this.#commands.refresh();
    this.#views.refresh();
  }

  close(): void {
    this.#commands.close();
    this.#views.close();
  }
}

/** Whether a command has all that it needs to be run without asking for more. */
export function isComplete(command: ShellCommand, given: Readonly<Record<string, unknown>>): boolean {
  return argumentsOf(command).every(({ name, required }) => !required || given[name] !== undefined);
}

/** Whether it takes nothing that a person could choose. */
export const takesNothing = (command: ShellCommand): boolean => argumentsOf(command).length === 0;
