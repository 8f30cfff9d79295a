import { HoldfastError } from '@holdfast/api';
import { nearest } from '../../config/nearest.ts';
import type { ShellCommand } from '../contract.ts';

/** What the words of a command line name. */
export type Found =
  | { readonly kind: 'command'; readonly command: ShellCommand; readonly used: number }
  | { readonly kind: 'topic'; readonly topic: string; readonly used: number };

/** All commands, each registered once. CLI, help, completion and later the palette are made from this. */
export class CommandRegistry {
  readonly #commands = new Map<string, ShellCommand>();

  constructor(commands: readonly ShellCommand[]) {
    for (const command of commands) this.add(command);
  }

  /** @throws `PLUGIN_FAILED` when a command of this id is there already. */
  add(command: ShellCommand): void {
    if (this.#commands.has(command.id)) {
      throw new HoldfastError('PLUGIN_FAILED', `two parts contribute the command ${command.id}`);
    }
    this.#commands.set(command.id, command);
  }

  get(id: string): ShellCommand | null {
    return this.#commands.get(id) ?? null;
  }

  /** In order of id. */
  all(): readonly ShellCommand[] {
    return [...this.#commands.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** Commands of a topic, for example all of `repository` or of `repository.key`. */
  below(topic: string): readonly ShellCommand[] {
    return this.all().filter((command) => command.id.startsWith(`${topic}.`));
  }

  /** The longest command that the first words name, else the longest topic; `null` when the first word names neither. */
  find(words: readonly string[]): Found | null {
    for (let used = Math.min(words.length, 6); used > 0; used--) {
      const id = words.slice(0, used).join('.');
      const command = this.#commands.get(id);
      if (command !== undefined) return { kind: 'command', command, used };
      if (this.below(id).length > 0) return { kind: 'topic', topic: id, used };
    }
    return null;
  }

  /** What someone who typed these words most likely meant, as words of a command line. */
  suggest(words: readonly string[]): string | null {
    const spelled = this.all().map((command) => command.id.replaceAll('.', ' '));
    const starts = spelled.map((known) => known.split(' ')[0] ?? known);
    for (let used = Math.min(words.length, 3); used > 0; used--) {
      const typed = words.slice(0, used).join(' ');
      const meant = nearest(typed, used === 1 ? [...starts, ...spelled] : spelled);
      if (meant !== undefined) return meant;
    }
    return null;
  }
}
