import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const keep = 300;

/**
 * Remembers which files were found to be in order, by their hash, so that the validator is not loaded again for files
 * that have not changed. Only good verdicts are kept; losing them costs time and nothing else.
 */
export class Verdicts {
  readonly #file: string;
  readonly #good: Set<string>;
  #changed = false;

  constructor(file: string) {
    this.#file = file;
    this.#good = new Set(read(file));
  }

  /** What the verdict on some texts is kept under. */
  static key(texts: readonly string[]): string {
    const hash = createHash('sha256');
    for (const text of texts) hash.update(`${text.length}:`).update(text);
    return hash.digest('hex');
  }

  isGood(key: string): boolean {
    return this.#good.has(key);
  }

  addGood(key: string): void {
    this.#good.add(key);
    this.#changed = true;
  }

  /** Writes what is new. A folder that cannot be written is no error: the next start checks again. */
  save(): void {
    if (!this.#changed) return;
    const draft = `${this.#file}.${randomBytes(6).toString('hex')}`;
    try {
      mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
      writeFileSync(draft, JSON.stringify([...this.#good].slice(-keep)), { mode: 0o600 });
      renameSync(draft, this.#file);
      this.#changed = false;
    } catch {
      rmSync(draft, { force: true });
    }
  }
}

function read(file: string): readonly string[] {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return Array.isArray(value) ? value.filter((v) => typeof v === 'string').slice(-keep) : [];
  } catch {
    return [];
  }
}
