import { mostLineBytes, openJson, parseObject } from './line.ts';
import { isSignedBy, type SigningKey, signed } from './signing-key.ts';

/** Somebody with the key vouches for the log up to an entry. */
export interface Checkpoint {
  readonly entry: number;
  /** Of that entry. */
  readonly hash: string;
  readonly at: number;
  /** Identity of the log. */
  readonly log: string;
  /** SHA-256 of the line of the checkpoint before. */
  readonly before: string;
}

/** `before` of the first one. */
export const nothingBefore = '0'.repeat(64);
/** At multiples of this there must be one. */
export const checkpointEvery = 64;

const label = Buffer.from('holdfast-audit-checkpoint-1\n');
const ending = /^,"signature":"([0-9a-f]{128})"\}$/;
const endingBytes = 144;

/** A line without its line feed. @see docs/formats/audit-log.md §3 */
export function formatCheckpoint({ entry, hash, at, log, before }: Checkpoint, key: SigningKey): string {
  const body = openJson({ entry, hash, at, log, before });
  return `${body},"signature":"${signed(key, Buffer.concat([label, Buffer.from(body)]))}"}`;
}

/** Reads a line. `isSigned` is `false` where it was not the key that signed just this. @returns `null` when it is no checkpoint. */
export function parseCheckpoint(line: Buffer, key: SigningKey): { checkpoint: Checkpoint; isSigned: boolean } | null {
  const checkpoint = readCheckpoint(line);
  if (checkpoint === null) return null;
  const body = line.subarray(0, -endingBytes);
  const signature = signatureOf(line);
  return { checkpoint, isSigned: isSignedBy(key, Buffer.concat([label, body]), signature ?? '') };
}

const signatureOf = (line: Buffer): string | null =>
  ending.exec(line.subarray(-endingBytes).toString('latin1'))?.[1] ?? null;

/** What a line says, whoever signed it. */
export function readCheckpoint(line: Buffer): Checkpoint | null {
  if (line.length <= endingBytes || line.length > mostLineBytes || signatureOf(line) === null) return null;
  const read = parseObject(line.subarray(0, -endingBytes));
  if (read === null) return null;
  const { entry, hash, at, log, before } = read;
  const isWhole =
    typeof entry === 'number' &&
    Number.isSafeInteger(entry) &&
    typeof at === 'number' &&
    typeof hash === 'string' &&
    typeof log === 'string' &&
    typeof before === 'string';
  return isWhole ? { entry, hash, at, log, before } : null;
}
