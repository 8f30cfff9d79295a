import { createHash } from 'node:crypto';
import type { AuditEntry } from './contract.ts';

/** Longest line that is read, without its line feed. */
export const mostLineBytes = 16 * 1024;
export const lineFeed = 0x0a;
/** After so many lines in a row that are none of ours a file is not read any further. */
export const mostStrange = 10_000;

const label = 'holdfast-audit-entry-1\n';
/** Acts on a terminal or reorders what is read, and JSON lets it stand. */
const acting = /[\x7f-\x9f\p{Cf}\p{Zl}\p{Zp}]/gu;
const escaped = (char: string): string =>
  Array.from({ length: char.length }, (_, at) => `\\u${char.charCodeAt(at).toString(16).padStart(4, '0')}`).join('');

export const sha256 = (...parts: readonly (string | Uint8Array)[]): string => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};

/** JSON in one line of which nothing acts on a terminal. */
export const quietJson = (value: unknown): string => JSON.stringify(value).replace(acting, escaped);

/** JSON of an object, open at its end, so that one more member can be added. */
export const openJson = (value: object): string => quietJson(value).slice(0, -1);

/** A line without its line feed. @see docs/formats/audit-log.md §2 */
export function formatEntry({ number, at, who, from, session, what, facts, before }: Omit<AuditEntry, 'hash'>): string {
  const body = openJson({ number, at, who, from, session, what, facts, before });
  return `${body},"hash":"${sha256(label, body)}"}`;
}

const ending = /^,"hash":"([0-9a-f]{64})"\}$/;
const endingBytes = 75;

/** Reads a line. @returns `null` when it is no entry, or not the one that was written. */
export function parseEntry(line: Buffer): AuditEntry | null {
  if (line.length <= endingBytes || line.length > mostLineBytes) return null;
  const body = line.subarray(0, -endingBytes);
  const hash = ending.exec(line.subarray(-endingBytes).toString('latin1'))?.[1];
  if (hash === undefined || sha256(label, body) !== hash) return null;
  const read = parseObject(body);
  return read !== null && isEntry(read) ? { ...read, hash } : null;
}

/** An object that is open at its end; `null` when it is none. */
export function parseObject(open: Buffer): Readonly<Record<string, unknown>> | null {
  try {
    const read: unknown = JSON.parse(`${new TextDecoder('utf-8', { fatal: true }).decode(open)}}`);
    return typeof read === 'object' && read !== null && !Array.isArray(read) ? { ...read } : null;
  } catch {
    return null;
  }
}

function isEntry(
  read: Readonly<Record<string, unknown>>,
): read is Readonly<Record<string, unknown>> & Omit<AuditEntry, 'hash'> {
  const { number, at, who, from, session, what, facts, before } = read;
  return (
    Number.isSafeInteger(number) &&
    Number(number) > 0 &&
    Number.isFinite(at) &&
    [who, from, session, what, before].every((text) => typeof text === 'string') &&
    typeof facts === 'object' &&
    facts !== null &&
    !Array.isArray(facts)
  );
}

/** The first line of a log. */
export interface LogHeader {
  readonly id: string;
  readonly madeAt: number;
}

const format = 'holdfast-audit';

export const formatHeader = ({ id, madeAt }: LogHeader): string => quietJson({ format, version: 1, id, madeAt });

/** @returns `null` when it is none, or of a version that is not known. */
export function parseHeader(line: Buffer): LogHeader | null {
  const read = line.length < 1024 && line.at(-1) === 0x7d ? parseObject(line.subarray(0, -1)) : null;
  if (read === null || read.format !== format || read.version !== 1) return null;
  const { id, madeAt } = read;
  return typeof id === 'string' && /^[0-9a-f]{32}$/.test(id) && typeof madeAt === 'number' ? { id, madeAt } : null;
}
