import type { Plain } from '@holdfast/api';
import type { Memory } from '../../../shell/desk/contract.ts';

const keptRecent = 20;
const keptTables = 100;

const isRecord = (value: Plain): value is { readonly [key: string]: Plain } =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
const textOrNull = (value: Plain): string | null => (typeof value === 'string' ? value : null);

/** What this person had last time. It comes when it comes; until then, and when it is lost, everything is as new. */
export class Remembered {
  theme: string | null = null;
  activity: string | null = null;
  /** Commands that were chosen, newest first. */
  recent: readonly string[] = [];
  readonly #memory: Memory;
  readonly #tables = new Map<string, Plain>();

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  async load(): Promise<void> {
    const [theme, activity, recent, tables] = await Promise.all(
      ['theme', 'activity', 'recent', 'tables'].map(async (key) => this.#memory.get(key).catch(() => null)),
    );
    this.theme ??= textOrNull(theme);
    this.activity ??= textOrNull(activity);
    if (this.recent.length === 0 && Array.isArray(recent)) {
      this.recent = recent.filter((id): id is string => typeof id === 'string').slice(0, keptRecent);
    }
    if (!isRecord(tables)) return;
    for (const [id, state] of Object.entries(tables).slice(0, keptTables)) {
      if (!this.#tables.has(id)) this.#tables.set(id, state);
    }
  }

  used(command: string): void {
    this.recent = [command, ...this.recent.filter((id) => id !== command)].slice(0, keptRecent);
    this.#keep('recent', this.recent);
  }

  setTheme(id: string): void {
    this.theme = id;
    this.#keep('theme', id);
  }

  setActivity(id: string): void {
    if (this.activity === id) return;
    this.activity = id;
    this.#keep('activity', id);
  }

  /** How somebody left a table: columns, sort, filter. */
  table(id: string): Plain {
    return this.#tables.get(id) ?? null;
  }

  setTable(id: string, state: Plain): void {
    if (JSON.stringify(state) === JSON.stringify(this.#tables.get(id) ?? null)) return;
    this.#tables.delete(id);
    this.#tables.set(id, state);
    const oldest = this.#tables.keys().next().value;
    if (this.#tables.size > keptTables && oldest !== undefined) this.#tables.delete(oldest);
    this.#keep('tables', Object.fromEntries(this.#tables));
  }

  /** Losing it loses nothing, so a disk that refuses is no problem worth telling. */
  #keep(key: string, value: Plain): void {
    this.#memory.set(key, value).catch(() => {});
  }
}
