import { HoldfastError } from '@holdfast/api';

/** The last safe integer: sizes and times go no further. */
const MOST = Number.MAX_SAFE_INTEGER;

/**
 * Takes values out of a JSON object that came from outside, one member at a time, each checked.
 * Every method throws `REPOSITORY_DAMAGED` naming the object and the place in it.
 */
export class Fields {
  readonly #members: Readonly<Record<string, unknown>>;
  readonly #what: string;
  readonly #path: string;

  /** @param what Name of the object in the store. @param path Place in it so far. */
  constructor(value: unknown, what: string, path = '') {
    this.#what = what;
    this.#path = path;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw this.#wrong(path, 'is not an object');
    }
    this.#members = Object.fromEntries(Object.entries(value));
  }

  has(name: string): boolean {
    return this.#members[name] !== undefined && this.#members[name] !== null;
  }

  text(name: string, maxLength = 4096): string {
    const value = this.#members[name];
    if (typeof value !== 'string') throw this.wrong(name, 'is not a text');
    if (value.length > maxLength) throw this.wrong(name, `is longer than ${maxLength} characters`);
    return value;
  }

  oneOf<T extends string>(name: string, words: readonly T[]): T {
    const value = this.#members[name];
    const found = words.find((word) => word === value);
    if (found === undefined) throw this.wrong(name, `is none of ${words.join(', ')}`);
    return found;
  }

  /** Lower-case hexadecimal digits of exactly so many bytes. */
  hex(name: string, bytes: number): string {
    const value = this.#members[name];
    if (typeof value !== 'string' || value.length !== bytes * 2 || !/^[0-9a-f]*$/.test(value)) {
      throw this.wrong(name, `is not ${bytes * 2} hexadecimal digits`);
    }
    return value;
  }

  /** A whole number between two others, both allowed. */
  integer(name: string, least = 0, most: number = MOST): number {
    const value = this.#members[name];
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least || value > most) {
      throw this.wrong(name, `is not a whole number from ${least} to ${most}`);
    }
    return value;
  }

  /** The member as it is, for another parser. */
  raw(name: string): unknown {
    return this.#members[name];
  }

  object(name: string): Fields {
    return new Fields(this.#members[name], this.#what, this.#inner(name));
  }

  objects(name: string, maxLength: number): readonly Fields[] {
    const path = this.#inner(name);
    return this.#list(name, maxLength).map((value, at) => new Fields(value, this.#what, `${path}[${at}]`));
  }

  texts(name: string, maxLength: number, pattern: RegExp): readonly string[] {
    return this.#list(name, maxLength).map((value, at) => {
      if (typeof value !== 'string' || !pattern.test(value)) throw this.wrong(`${name}[${at}]`, 'is not as it must be');
      return value;
    });
  }

  /** The error for a member that is well formed but makes no sense. */
  wrong(name: string, how: string): HoldfastError {
    return this.#wrong(this.#inner(name), how);
  }

  #list(name: string, maxLength: number): readonly unknown[] {
    const value = this.#members[name];
    if (!Array.isArray(value)) throw this.wrong(name, 'is not a list');
    if (value.length > maxLength) throw this.wrong(name, `has more than ${maxLength} entries`);
    return value;
  }

  #inner(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`;
  }

  #wrong(path: string, how: string): HoldfastError {
    const place = path === '' ? '' : `${path} `;
    return new HoldfastError('REPOSITORY_DAMAGED', `${this.#what} is not valid: ${place}${how}`, {
      facts: { object: this.#what },
    });
  }
}
