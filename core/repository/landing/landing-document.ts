import { Fields } from '../documents/fields.ts';
import { idPattern } from '../documents/names.ts';

/** `landings/<lease>.<n>`: packs that were put down in haste, to be deduplicated and compressed later. */
export interface Landing {
  readonly version: 1;
  readonly lease: string;
  readonly packs: readonly string[];
  /** Sum of the packs' lengths. */
  readonly bytes: number;
  /** Epoch milliseconds. */
  readonly landedAt: number;
}

/** Packs of one document: it holds some 1.8 million identities. */
export const PACKS_A_LANDING = 500_000;

export const LANDINGS_PREFIX = 'landings/';
export const landingName = (lease: string, number: number): string => `${LANDINGS_PREFIX}${lease}.${number}`;
/** What they are called. */
export const landingPattern = /^landings\/([0-9a-f]{32})\.(0|[1-9][0-9]{0,8})$/;

/** @throws {HoldfastError} `REPOSITORY_DAMAGED` */
export function parseLanding(value: unknown, name: string): Landing {
  const [, lease = ''] = landingPattern.exec(name) ?? [];
  const fields = new Fields(value, name);
  fields.integer('version', 1, 1);
  if (fields.hex('lease', 16) !== lease) throw fields.wrong('lease', 'is not the one in the name');
  return {
    version: 1,
    lease,
    packs: fields.texts('packs', PACKS_A_LANDING, idPattern),
    bytes: fields.integer('bytes'),
    landedAt: fields.integer('landedAt'),
  };
}
