import type { RepositorySecrets, Suite } from '../../suite.ts';
import { DerivedKeys } from '../hash/derived-keys.ts';
import { type KeyedHash, openKeyedHash } from '../hash/keyed-hash.ts';
import { IndexView, type SharedIndex } from '../index/index-view.ts';
import { ChunkReader } from '../packs/chunk-reader.ts';
import { PackAccess } from '../packs/pack-access.ts';
import { type Decompress, openDecompressor } from '../zstd/decompressor.ts';
import type { ThreadStart } from './protocol.ts';
import type { Wire } from './wire.ts';

/** What the work of a thread is done with. */
export class ThreadContext {
  readonly suite: Suite;
  readonly level: number;
  readonly keys: DerivedKeys;
  readonly packs: PackAccess;
  readonly chunks: ChunkReader;
  #hash: KeyedHash | null = null;
  #index = new IndexView({ version: 0, files: [] });

  constructor(start: ThreadStart, wire: () => Wire) {
    this.suite = start.suite;
    this.level = start.level;
    this.keys = new DerivedKeys(start.suite, start.secrets);
    this.packs = new PackAccess(this.keys, {
      locate: (pack) => wire().ask('locate', pack),
      fetch: (pack, offset, length) => wire().ask('fetch', { pack, offset, length }),
    });
    this.chunks = new ChunkReader(this.packs, (bytes) => this.hash(bytes), lazily(openDecompressor));
  }

  /** Opened when it is first used. */
  get hash(): KeyedHash {
    this.#hash ??= openKeyedHash(this.suite.hash, this.keys.idKey);
    return this.#hash;
  }

  /** The keys have been rotated: packs that could not be opened may be now. */
  learn(secrets: RepositorySecrets): void {
    this.keys.learn(secrets);
    this.packs.forgetAll();
  }

  /** The index as it was when the work was given. */
  index(shared: SharedIndex): IndexView {
    if (shared.version !== this.#index.version) {
      this.#index = new IndexView(shared);
      // Packs that a collector has removed would keep their room on the target while they are open.
      this.packs.forgetAll();
    }
    return this.#index;
  }
}

/** Made when it is first used: many a thread never decompresses anything. */
function lazily(open: () => Decompress): Decompress {
  let made: Decompress | null = null;
  return (frame, into) => {
    made ??= open();
    return made(frame, into);
  };
}
