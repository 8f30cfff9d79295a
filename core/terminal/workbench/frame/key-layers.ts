import type { KeybindingDeclaration } from '@holdfast/api';
import type { Problem } from '../../../shell/desk/contract.ts';
import { type KeyProblem, readBindings } from '../../keys/binding.ts';
import { Bindings } from '../../keys/bindings.ts';
import { loadOwnKeys, type OwnKeys, unknownCommands } from '../../keys/own-keys.ts';
import type { OwnCommand } from './own-commands.ts';
import type { Room } from './room.ts';

/** A key of a plugin. */
export interface PluginKey {
  readonly plugin: string;
  readonly binding: KeybindingDeclaration;
}

/** The keys that are in effect: a person's own, those of plugins, those of the workbench. */
export class KeyLayers {
  readonly #room: Room;
  readonly #builtIn: ReturnType<typeof readBindings>;
  #own: OwnKeys = { entries: [], problems: [] };
  #plugins: readonly PluginKey[] = [];

  constructor(room: Room, commands: readonly OwnCommand[]) {
    this.#room = room;
    this.#builtIn = readBindings(
      commands.flatMap(({ keys }) => keys),
      'built-in',
      'Holdfast',
    );
    this.#apply([]);
  }

  /** Reads the person's own keys anew; a file that cannot be read is a problem in the list and nothing else. */
  async load(ownCommands: readonly OwnCommand[]): Promise<void> {
    this.#own = await loadOwnKeys(this.#room.desk.memory.keysFile);
    this.apply(ownCommands);
  }

  /** The plugins' keys are others now. */
  setPlugins(keys: readonly PluginKey[], ownCommands: readonly OwnCommand[]): void {
    this.#plugins = keys;
    this.apply(ownCommands);
  }

  /** Puts them together again, because commands came or went. */
  apply(ownCommands: readonly OwnCommand[]): void {
    const { index } = this.#room;
    // Before the commands are known every name would seem mistyped.
    const known = index.isKnown ? [...index.all.map(({ id }) => id), ...ownCommands.map(({ id }) => id)] : null;
    this.#apply(known === null ? [] : unknownCommands(this.#own, known));
  }

  #apply(unknown: readonly KeyProblem[]): void {
    const byPlugin = Map.groupBy(this.#plugins, ({ plugin }) => plugin);
    const read = [...byPlugin].map(([plugin, keys]) =>
      readBindings(
        keys.map(({ binding }) => binding),
        'plugin',
        plugin,
      ),
    );
    this.#room.bindings = new Bindings({
      builtIn: this.#builtIn.bindings,
      plugins: read.flatMap(({ bindings }) => bindings),
      own: this.#own.entries,
    });
    const problems = [
      ...this.#own.problems,
      ...unknown,
      ...this.#builtIn.problems,
      ...read.flatMap((one) => one.problems),
    ];
    this.#room.troubles.setPart(
      'keys',
      problems.map((problem, index) => this.#problem(problem, index)),
    );
    this.#room.invalidate();
  }

  #problem({ text, remedy }: KeyProblem, index: number): Problem {
    return { id: `keys:${index}`, at: this.#room.desk.now(), source: 'keys', text, remedy };
  }
}
