import { createHash } from 'node:crypto';
import { HoldfastError, type ObjectInfo } from '@holdfast/api';

/** One thing that must never happen, and did. */
export class Violation extends Error {}

interface Stored {
  readonly body: Uint8Array;
  readonly modifiedAt: number;
}

const short = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex').slice(0, 16);

/** Where a sealed document has its nonce. */
const NONCE = { start: 8, end: 20 } as const;

/**
 * What lies in the store, for all hosts. Watches what must hold of every object at every moment: nothing is overwritten, and no key
 * is used with the same nonce for two plaintexts.
 */
export class SimulatedDisk {
  readonly objects = new Map<string, Stored>();
  readonly violations: string[];
  /** By pack, by index run, by document and nonce: a hash of what was sealed. */
  readonly #sealed = new Map<string, string>();
  /** Commits never change, whoever won. */
  readonly #commits = new Map<string, string>();
  /** Leases of those who only read or collect. */
  readonly #neverCommit = new Set<string>();
  nonces = 0;

  constructor(violations: string[]) {
    this.violations = violations;
  }

  /** A writer is about to show these bytes to the store, which may keep them whatever it answers. */
  watch(name: string, body: Uint8Array, ifAbsent: boolean): void {
    if (!ifAbsent) this.violations.push(`${name} was put so that it could overwrite`);
    const [folder = ''] = name.split('/');
    // The key of a pack comes from its id and its nonces are counted; so for index runs. The nonce of a document is random.
    const isCounted = folder === 'packs' || folder === 'index';
    if (name.startsWith('keys/') || name === 'format.json') return;
    const nonce = isCounted ? '' : Buffer.from(body.subarray(NONCE.start, NONCE.end)).toString('hex');
    const key = `${name} ${nonce}`;
    const hash = short(body);
    const before = this.#sealed.get(key);
    if (before === undefined) this.nonces++;
    else if (before !== hash) this.violations.push(`a nonce was used twice with the key of ${name}`);
    this.#sealed.set(key, hash);
  }

  /** Somebody begins to read or to collect under a lease. */
  noteReader(lease: string): void {
    this.#neverCommit.add(lease);
  }

  put(name: string, body: Uint8Array, ifAbsent: boolean, nowMs: number): void {
    if (ifAbsent && this.objects.has(name)) {
      throw new HoldfastError('OBJECT_EXISTS', `${name} is there already`);
    }
    if (name.startsWith('commits/')) {
      const before = this.#commits.get(name);
      const hash = short(body);
      // Those who only read or collect never commit: their fences go with their leases, and a late put may bring one back.
      const commits = !this.#neverCommit.has(name.slice('commits/'.length));
      if (commits && before !== undefined && before !== hash) this.violations.push(`${name} was decided twice`);
      this.#commits.set(name, hash);
    }
    this.objects.set(name, { body, modifiedAt: nowMs });
  }

  get(name: string): Uint8Array {
    const stored = this.objects.get(name);
    if (stored === undefined) throw new HoldfastError('OBJECT_NOT_FOUND', `${name} is not there`);
    return stored.body;
  }

  list(prefix: string): ObjectInfo[] {
    const found: ObjectInfo[] = [];
    for (const [name, { body, modifiedAt }] of this.objects) {
      if (name.startsWith(prefix)) found.push({ name, sizeBytes: body.length, modifiedAt });
    }
    return found;
  }

  names(prefix = ''): string[] {
    return [...this.objects.keys()].filter((name) => name.startsWith(prefix)).sort();
  }
}
