import { Fields } from '../documents/fields.ts';
import { idPattern, manifestPattern } from '../documents/names.ts';

/** A writer has won: the restore point exists. */
export interface Committed {
  readonly version: 1;
  readonly lease: string;
  readonly state: 'committed';
  /** Name of the manifest's object, and SHA-256 of its bytes. */
  readonly manifest: string;
  readonly sha256: string;
  /** Ids of the index runs of its packs. */
  readonly runs: readonly string[];
  readonly committedAt: number;
}

/** A collector has won: the writer can never commit. */
export interface Fenced {
  readonly version: 1;
  readonly lease: string;
  readonly state: 'fenced';
  readonly fencedAt: number;
}

const MAX_RUNS = 1_000_000;

/**
 * Reads `commits/<lease>`.
 * @throws {HoldfastError} `REPOSITORY_DAMAGED`
 */
export function parseCommit(value: unknown, what: string, lease: string): Committed | Fenced {
  const fields = new Fields(value, what);
  fields.integer('version', 1, 1);
  if (fields.hex('lease', 16) !== lease) throw fields.wrong('lease', 'is not the one in the name');
  const state = fields.oneOf('state', ['committed', 'fenced']);
  if (state === 'fenced') return { version: 1, lease, state, fencedAt: fields.integer('fencedAt') };
  const manifest = fields.text('manifest', 128);
  if (!manifestPattern.test(manifest)) throw fields.wrong('manifest', 'is not the name of a manifest');
  return {
    version: 1,
    lease,
    state,
    manifest,
    sha256: fields.hex('sha256', 32),
    runs: fields.texts('runs', MAX_RUNS, idPattern),
    committedAt: fields.integer('committedAt'),
  };
}
