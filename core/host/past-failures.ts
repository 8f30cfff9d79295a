import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { safeText } from '../model/text/safe-text.ts';
import type { PastFailure } from './contract.ts';

const mostKept = 100;
const mostBytes = 256 * 1024;
const mostCharacters = 500;

interface Kept extends PastFailure {
  readonly plugin: string;
  /** What failed: other content is tried without prejudice. */
  readonly contentHash: string;
}

/**
 * Remembers from process to process which plugins failed to start, until they start or change. Only for people: a plugin that failed is tried
 * again all the same. Losing the file loses nothing else.
 */
export class PastFailures {
  readonly #file: string;
  #read: readonly Kept[] | null = null;

  constructor(file: string) {
    this.#file = file;
  }

  /** @param contentHash Is only worked out for a plugin of which a failure is known. */
  of(plugin: string, contentHash: () => string): PastFailure | null {
    const known = this.#known().find((one) => one.plugin === plugin);
    if (known === undefined || known.contentHash !== contentHash()) return null;
    return { at: known.at, message: known.message };
  }

  add(plugin: string, contentHash: string, at: number, message: string): void {
    const failure = { plugin, contentHash, at, message: safeText(message, mostCharacters) };
    this.#write((kept) => [...kept.filter((one) => one.plugin !== plugin), failure]);
  }

  /** It has started. */
  forget(plugin: string): void {
    if (!this.#known().some((one) => one.plugin === plugin)) return;
    this.#write((kept) => kept.filter((one) => one.plugin !== plugin));
  }

  #known(): readonly Kept[] {
    this.#read ??= readKept(this.#file);
    return this.#read;
  }

  /** Changes what is in the file now, which may be more than was read at first. A folder that cannot be written is no error. */
  #write(change: (kept: readonly Kept[]) => readonly Kept[]): void {
    const kept = change(readKept(this.#file)).slice(-mostKept);
    const draft = `${this.#file}.${randomBytes(6).toString('hex')}`;
    this.#read = kept;
    try {
      mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
      writeFileSync(draft, `${JSON.stringify({ version: 1, failures: kept })}\n`, { mode: 0o600 });
      renameSync(draft, this.#file);
    } catch {
      rmSync(draft, { force: true });
    }
  }
}

function readKept(file: string): readonly Kept[] {
  try {
    if (!statSync(file).isFile() || statSync(file).size > mostBytes) return [];
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    const failures = typeof value === 'object' && value !== null && 'failures' in value ? value.failures : [];
    return Array.isArray(failures) ? failures.filter(isKept).slice(-mostKept) : [];
  } catch {
    return [];
  }
}

function isKept(value: unknown): value is Kept {
  if (typeof value !== 'object' || value === null) return false;
  const { plugin, contentHash, at, message } = value as Readonly<Record<string, unknown>>;
  const isText = [plugin, contentHash, message].every((one) => typeof one === 'string' && one.length <= 1000);
  return isText && typeof at === 'number' && Number.isFinite(at);
}
