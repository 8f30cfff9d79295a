import type { Plain } from '@holdfast/api';

/** What of a state that was kept can be trusted: a person's file may hold anything by now. */
export class Stored {
  readonly #fields: Readonly<Record<string, Plain>>;

  constructor(state: Plain) {
    const isRecord = typeof state === 'object' && state !== null && !Array.isArray(state);
    this.#fields = isRecord ? (state as Readonly<Record<string, Plain>>) : {};
  }

  field(name: string): Plain {
    return Object.hasOwn(this.#fields, name) ? this.#fields[name] : null;
  }

  text(name: string): string | null {
    const value = this.field(name);
    return typeof value === 'string' ? value : null;
  }

  number(name: string): number | null {
    const value = this.field(name);
    return typeof value === 'number' && Number.isFinite(value) ? value : null;
  }

  flag(name: string): boolean {
    return this.field(name) === true;
  }

  /** Texts of a list; `null` where there is none. */
  texts(name: string): readonly string[] | null {
    const value = this.field(name);
    return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : null;
  }
}
