import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { HoldfastError } from '@holdfast/api';
import type { Folders } from './contract.ts';
import { lockFile } from './file-lock.ts';
import { readText, unreadable } from './read-text.ts';
import { replaceFile } from './replace-file.ts';

/** Trust in one configuration file, pinned to its content. */
export interface TrustedFile {
  readonly file: string;
  /** SHA-256 of its text, 64 hexadecimal digits. */
  readonly sha256: string;
  /** Epoch milliseconds. */
  readonly trustedAt: number;
}

/** The file in the data folder that remembers what is trusted. */
export function trustFile(folders: Folders): string {
  return join(folders.data, 'config-trust.json');
}

export function textHash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/**
 * What is trusted, in order of file name.
 * @throws `CONFIG_UNREADABLE` when the list is damaged, or when somebody else could have written it.
 */
export async function readTrust(folders: Folders): Promise<TrustedFile[]> {
  const file = trustFile(folders);
  const read = await readText(file);
  if (read === null) return [];
  const owned = process.getuid === undefined || read.owner === process.getuid() || read.owner === 0;
  if (!owned || (read.mode & 0o022) !== 0) {
    throw new HoldfastError('CONFIG_UNREADABLE', `the list of trusted files ${file} can be written by others`, {
      remedy: `look into it, then \`chmod 600 ${file}\``,
      facts: { file },
    });
  }
  return parseTrust(file, read.text);
}

/** Whether this very text at this very path is trusted. */
export function isTrusted(trusted: readonly TrustedFile[], file: string, text: string): boolean {
  const sha256 = textHash(text);
  return trusted.some((entry) => entry.file === file && entry.sha256 === sha256);
}

/**
 * Trusts a file with the content that it has now.
 * @param reviewed SHA-256 of the text that the administrator was shown; throws `CONFIG_CHANGED` when it is another by now.
 */
export async function trustConfigFile(
  file: string,
  folders: Folders,
  now: () => number,
  reviewed?: string,
): Promise<TrustedFile> {
  const path = resolve(file);
  const read = await readText(path);
  if (read === null) throw unreadable(path, 'there is no such file');
  const entry = { file: path, sha256: textHash(read.text), trustedAt: now() };
  if (reviewed !== undefined && reviewed !== entry.sha256) {
    throw new HoldfastError('CONFIG_CHANGED', `${path} was changed since it was shown`, { facts: { file: path } });
  }
  await using _lock = await lockTrust(folders);
  const others = (await readTrust(folders)).filter((other) => other.file !== path);
  await writeTrust(folders, [...others, entry]);
  return entry;
}

/** Takes the trust back. Answers whether there was any. */
export async function distrustConfigFile(file: string, folders: Folders): Promise<boolean> {
  const path = resolve(file);
  await using _lock = await lockTrust(folders);
  const trusted = await readTrust(folders);
  const others = trusted.filter((entry) => entry.file !== path);
  if (others.length === trusted.length) return false;
  await writeTrust(folders, others);
  return true;
}

async function lockTrust(folders: Folders): Promise<AsyncDisposable> {
  const file = trustFile(folders);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  return await lockFile(file);
}

async function writeTrust(folders: Folders, trusted: readonly TrustedFile[]): Promise<void> {
  const file = trustFile(folders);
  const files = trusted.toSorted((a, b) => a.file.localeCompare(b.file));
  await replaceFile(file, `${JSON.stringify({ version: 1, files }, null, 2)}\n`, { mode: 0o600 });
}

function parseTrust(file: string, text: string): TrustedFile[] {
  const damaged = (cause?: unknown) =>
    new HoldfastError('CONFIG_UNREADABLE', `the list of trusted files ${file} is damaged`, {
      remedy: 'remove it, then trust the files again with `holdfast config trust`',
      facts: { file },
      cause,
    });
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw damaged(error);
  }
  if (typeof parsed !== 'object' || parsed === null || !('version' in parsed) || parsed.version !== 1) throw damaged();
  if (!('files' in parsed) || !Array.isArray(parsed.files) || !parsed.files.every(isTrustedFile)) throw damaged();
  return parsed.files;
}

function isTrustedFile(entry: unknown): entry is TrustedFile {
  return (
    typeof entry === 'object' &&
    entry !== null &&
    'file' in entry &&
    typeof entry.file === 'string' &&
    'sha256' in entry &&
    typeof entry.sha256 === 'string' &&
    /^[0-9a-f]{64}$/.test(entry.sha256) &&
    'trustedAt' in entry &&
    typeof entry.trustedAt === 'number'
  );
}
