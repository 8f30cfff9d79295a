import { Fields } from '../documents/fields.ts';
import { parseJson } from '../documents/json.ts';
import type { RepositorySecrets } from '../suite.ts';

const MAX_PAYLOAD_BYTES = 1024 * 1024;
const MAX_GENERATIONS = 4096;

/** What a key wraps: the secrets, and the hash of the `format.json` that they belong to. */
export interface KeyPayload {
  readonly secrets: RepositorySecrets;
  /** SHA-256 of the bytes of `format.json`, 64 hexadecimal digits. */
  readonly formatSha256: string;
}

/** UTF-8 JSON of a payload. */
export function writePayload(payload: KeyPayload): Uint8Array {
  const generations = Object.entries(payload.secrets.generations).map(([number, master]) => ({
    number: Number(number),
    master: Buffer.from(master).toString('hex'),
  }));
  const family = Buffer.from(payload.secrets.family).toString('hex');
  return Buffer.from(JSON.stringify({ family, generations, format: payload.formatSha256 }), 'utf8');
}

/** @throws {HoldfastError} `REPOSITORY_DAMAGED` */
export function parsePayload(bytes: Uint8Array, what: string): KeyPayload {
  const fields = new Fields(parseJson(bytes, MAX_PAYLOAD_BYTES, what), what);
  const generations: Record<number, Uint8Array> = {};
  for (const generation of fields.objects('generations', MAX_GENERATIONS)) {
    const number = generation.integer('number', 1, 0xffff_ffff);
    generations[number] = Buffer.from(generation.hex('master', 32), 'hex');
  }
  const numbers = Object.keys(generations).map(Number);
  if (numbers.length === 0) throw fields.wrong('generations', 'is empty');
  return {
    secrets: {
      family: Buffer.from(fields.hex('family', 32), 'hex'),
      generations,
      current: Math.max(...numbers),
    },
    formatSha256: fields.hex('format', 32),
  };
}
