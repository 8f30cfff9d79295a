import { mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { HoldfastError } from '@holdfast/api';
import { holdLock } from '../../base/process-lock.ts';
import { errnoOf, readText } from '../../config/read-text.ts';
import { replaceFile } from '../../config/replace-file.ts';
import { refusal } from '../setup/own-folder.ts';

/** A small list in a file of its own. */
export interface StateFormat<T> {
  /** `holdfast-users`; the list is the member named as its last word. */
  readonly format: string;
  readonly list: string;
  /** One element, checked; throws whatever says what is wrong with it. */
  readonly read: (value: unknown) => T;
  readonly write: (one: T) => unknown;
  readonly most: number;
}

type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Tells one state of a file from another: it is always replaced, never written over. */
async function stampOf(file: string): Promise<string | null> {
  try {
    const { ino, size, mtimeNs, ctimeNs, mode } = await stat(file, { bigint: true });
    return [ino, size, mtimeNs, ctimeNs, mode].join(' ');
  } catch (problem) {
    // Why it cannot be looked at is told by whoever reads it.
    return errnoOf(problem) === 'ENOENT' ? null : 'unreadable';
  }
}

/** A list that several processes read and change, replaced as a whole. @see docs/formats/users.md */
export class StateFile<T> {
  readonly file: string;
  readonly #format: StateFormat<T>;
  /** What was read last, and of which file: logging in must not cost the parsing of a thousand keys. */
  #known: { readonly stamp: string; readonly list: readonly T[] } | null = null;

  constructor(file: string, format: StateFormat<T>) {
    this.file = file;
    this.#format = format;
  }

  /** @throws `CONFIG_UNREADABLE`, `CONFIG_INVALID` when it is damaged. */
  async all(): Promise<readonly T[]> {
    const stamp = await stampOf(this.file);
    if (stamp === null) return [];
    if (this.#known?.stamp !== stamp) this.#known = { stamp, list: await this.#read() };
    return this.#known.list;
  }

  async #read(): Promise<readonly T[]> {
    const found = await readText(this.file);
    if (found === null) return [];
    if ((found.mode & 0o077) !== 0) {
      throw new HoldfastError('CONFIG_UNREADABLE', `others than its owner may open ${this.file}`, {
        remedy: `look at what is in it, then \`chmod 600 ${this.file}\``,
        facts: { file: this.file },
      });
    }
    try {
      return this.#parse(found.text);
    } catch (problem) {
      const why = problem instanceof Error ? problem.message : 'it cannot be read';
      throw new HoldfastError('CONFIG_INVALID', `${this.file} is damaged: ${why}`, {
        remedy: 'put back a copy of it, or move it away and set up anew what was in it',
        facts: { file: this.file },
        cause: problem,
      });
    }
  }

  /**
   * Reads, changes and replaces, with nobody else in between; durable when it answers.
   * @param work Answers the new list, and what comes of it. The same list as before writes nothing.
   */
  async change<R>(work: (now: readonly T[]) => readonly [readonly T[], R]): Promise<R> {
    const folder = dirname(this.file);
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
    } catch (problem) {
      throw refusal(folder, problem);
    }
    using _lock = await holdLock(join(folder, 'lock'));
    const now = await this.all();
    const [next, result] = work(now);
    if (next === now) return result;
    const { format, list, write } = this.#format;
    const text = `${JSON.stringify({ format, version: 1, [list]: next.map(write) }, null, 2)}\n`;
    try {
      await replaceFile(this.file, text, { mode: 0o600 });
    } catch (problem) {
      throw refusal(this.file, problem);
    }
    return result;
  }

  #parse(text: string): readonly T[] {
    const { format, list, read, most } = this.#format;
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch {
      throw new Error('it is not JSON');
    }
    if (!isFields(parsed) || parsed.format !== format) throw new Error('it is something else');
    if (parsed.version !== 1) throw new Error('it was written by a newer version: update Holdfast');
    const items: unknown = parsed[list];
    if (!Array.isArray(items) || items.length > most) throw new Error(`its list has no more than ${most} elements`);
    return items.map(read);
  }
}
