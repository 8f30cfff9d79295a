import { randomBytes } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HoldfastError } from '@holdfast/api';

const version = 1;

/** Which added plugins the administrator trusts: by name, pinned to the hash of their content. */
export class TrustStore {
  readonly #file: string;

  /** @param folder The folder of added plugins; the store is its `trust.json`. */
  constructor(folder: string) {
    this.#file = join(folder, 'trust.json');
  }

  /** Whether this very content is trusted. A store that others may write is trusted in nothing. */
  isTrusted(plugin: string, contentHash: string): boolean {
    return this.#read().get(plugin) === contentHash;
  }

  trust(plugin: string, contentHash: string): void {
    this.#write(this.#read().set(plugin, contentHash));
  }

  /** Idempotent. */
  distrust(plugin: string): void {
    const known = this.#read();
    if (known.delete(plugin)) this.#write(known);
  }

  #read(): Map<string, string> {
    const trusted = new Map<string, string>();
    try {
      const stat = lstatSync(this.#file);
      if (!stat.isFile() || stat.size > 1024 * 1024 || (stat.mode & 0o022) !== 0) return trusted;
      const value: unknown = JSON.parse(readFileSync(this.#file, 'utf8'));
      if (typeof value !== 'object' || value === null || !('trusted' in value)) return trusted;
      for (const [plugin, hash] of Object.entries(value.trusted ?? {})) {
        if (typeof hash === 'string' && /^[0-9a-f]{64}$/.test(hash)) trusted.set(plugin, hash);
      }
    } catch {
      // No store, or one that cannot be read: nothing is trusted.
    }
    return trusted;
  }

  #write(trusted: ReadonlyMap<string, string>): void {
    const draft = `${this.#file}.${randomBytes(6).toString('hex')}`;
    try {
      mkdirSync(join(this.#file, '..'), { recursive: true, mode: 0o700 });
      writeFileSync(draft, `${JSON.stringify({ version, trusted: Object.fromEntries(trusted) }, null, 2)}\n`, {
        mode: 0o600,
      });
      chmodSync(draft, 0o600);
      renameSync(draft, this.#file);
    } catch (cause) {
      rmSync(draft, { force: true });
      throw new HoldfastError('FOLDER_UNWRITABLE', `cannot write ${this.#file}`, {
        remedy: 'check that the folder exists, has room and may be written',
        facts: { file: this.#file },
        cause,
      });
    }
  }
}
