import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { HoldfastError } from '@holdfast/api';
import { bounds } from './bounds.ts';

/** A file's text and what its trust depends on. */
export interface FileText {
  readonly text: string;
  /** User id of the owner. */
  readonly owner: number;
  /** Permission bits. */
  readonly mode: number;
}

/**
 * Reads a small regular file of UTF-8 text, without its byte order mark. A pipe or device is refused, not waited for.
 * @returns `null` when there is no such file.
 * @throws `CONFIG_UNREADABLE`.
 */
export async function readText(file: string): Promise<FileText | null> {
  try {
    await using handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = await handle.stat();
    if (!stat.isFile()) throw unreadable(file, 'it is not a regular file');
    if (stat.size > bounds.fileBytes) throw unreadable(file, `it is larger than ${bounds.fileBytes} bytes`);
    const buffer = Buffer.alloc(bounds.fileBytes + 1);
    let length = 0;
    while (length < buffer.length) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length, null);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    if (length > bounds.fileBytes) throw unreadable(file, `it is larger than ${bounds.fileBytes} bytes`);
    return { text: decodeText(file, buffer.subarray(0, length)), owner: stat.uid, mode: stat.mode & 0o777 };
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return null;
    if (errnoOf(error) !== undefined) throw unreadable(file, errnoOf(error) ?? '', error);
    throw error;
  }
}

/** @throws `CONFIG_UNREADABLE` when the bytes are not UTF-8. */
export function decodeText(file: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw unreadable(file, 'it is not UTF-8 text', error);
  }
}

export function unreadable(file: string, why: string, cause?: unknown): HoldfastError {
  return new HoldfastError('CONFIG_UNREADABLE', `cannot read the configuration file ${file}: ${why}`, {
    facts: { file },
    cause,
  });
}

/** The code of a failed system call, or nothing for any other error. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
