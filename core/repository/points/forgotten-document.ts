import { Fields } from '../documents/fields.ts';

/** The restore point is to be treated as gone. */
export interface Forgotten {
  readonly version: 1;
  readonly point: string;
  /** SHA-256 of its manifest's bytes: a later manifest that names it as the one before still has a whole chain. */
  readonly sha256: string;
  readonly forgottenAt: number;
  readonly reason: string;
}

/**
 * Reads `forgotten/<point>`.
 * @throws {HoldfastError} `REPOSITORY_DAMAGED`
 */
export function parseForgotten(value: unknown, what: string, point: string): Forgotten {
  const fields = new Fields(value, what);
  fields.integer('version', 1, 1);
  if (fields.hex('point', 16) !== point) throw fields.wrong('point', 'is not the one in the name');
  return {
    version: 1,
    point,
    sha256: fields.hex('sha256', 32),
    forgottenAt: fields.integer('forgottenAt'),
    reason: fields.text('reason'),
  };
}
