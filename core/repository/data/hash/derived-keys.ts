import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import type { RepositorySecrets, Suite } from '../../suite.ts';

const NO_SALT = new Uint8Array(0);

/** The keys that the data plane derives from the repository's secrets. */
export class DerivedKeys {
  readonly idKey: Uint8Array;
  /** 32 bytes: eight words that make the cutter's choices secret. */
  readonly cutKey: Uint8Array;
  readonly #salt: Uint8Array;
  #generations: RepositorySecrets['generations'];
  #current: number;

  /** @see docs/formats/repository.md §4 */
  constructor(suite: Suite, secrets: RepositorySecrets) {
    this.#salt = Buffer.from(suite.repositoryId, 'hex');
    this.#generations = secrets.generations;
    this.#current = secrets.current;
    this.idKey = derive(secrets.family, NO_SALT, 'holdfast/chunk-id');
    this.cutKey = derive(secrets.family, NO_SALT, 'holdfast/cut');
  }

  /** The generation of new packs. */
  get current(): number {
    return this.#current;
  }

  /** The keys have been rotated; the family stays. */
  learn({ generations, current }: RepositorySecrets): void {
    this.#generations = generations;
    this.#current = current;
  }

  /** Generations that can be opened, newest first. */
  generations(): number[] {
    return Object.keys(this.#generations)
      .map(Number)
      .sort((a, b) => b - a);
  }

  /** `null` when this generation's master key is not held. */
  pack(generation: number, pack: string): KeyObject | null {
    return this.#key(generation, 'holdfast/pack/', pack);
  }

  /** `null` when this generation's master key is not held. */
  index(generation: number, run: string): KeyObject | null {
    return this.#key(generation, 'holdfast/index/', run);
  }

  #key(generation: number, purpose: string, id: string): KeyObject | null {
    const master = this.#generations[generation];
    if (master === undefined) return null;
    const info = Buffer.concat([Buffer.from(purpose, 'ascii'), Buffer.from(id, 'hex')]);
    // A key object: OpenSSL sets a raw key up anew for each use, at half the speed.
    return createSecretKey(derive(master, this.#salt, info));
  }
}

function derive(key: Uint8Array, salt: Uint8Array, info: string | Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, salt, info, 32));
}
