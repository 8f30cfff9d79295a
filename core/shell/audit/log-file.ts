import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { lineFeed, mostLineBytes } from './line.ts';

const tailBytes = 4 * mostLineBytes;

/** The end of a file of lines. */
export interface FileEnd {
  readonly bytes: number;
  /** What follows the last line feed: a line that was not finished. */
  readonly torn: Buffer;
  /** The last finished lines, the newest first, each without its line feed. */
  readonly lines: readonly Buffer[];
  /** Whether `lines` are all that there are. */
  readonly isWhole: boolean;
}

const nothing: FileEnd = { bytes: 0, torn: Buffer.alloc(0), lines: [], isWhole: true };

export async function bytesOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (problem) {
    if (problem instanceof Error && 'code' in problem && problem.code === 'ENOENT') return 0;
    throw problem;
  }
}

/** Reads a part of a file wholly; less only where the file ends. */
export async function readPart(handle: FileHandle, from: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(buffer, filled, length - filled, from + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

/** The first line of a file, as far as it has at most 1 KiB. */
export async function firstLine(file: string): Promise<Buffer> {
  await using handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW);
  const part = await readPart(handle, 0, 1024);
  const end = part.indexOf(lineFeed);
  return end < 0 ? part : part.subarray(0, end);
}

/** Looks at the end of a file; one that is not there has none. */
export async function readEnd(file: string): Promise<FileEnd> {
  const bytes = await bytesOf(file);
  if (bytes === 0) return nothing;
  await using handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW);
  const from = Math.max(0, bytes - tailBytes);
  const part = await readPart(handle, from, bytes - from);
  const pieces = split(part);
  const torn = pieces.pop() ?? Buffer.alloc(0);
  // The first piece is the rest of a line that began before.
  if (from > 0) pieces.shift();
  return { bytes, torn, lines: pieces.reverse(), isWhole: from === 0 };
}

/** Pieces between line feeds; the last one is what follows the last of them, and may be empty. */
export function split(part: Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  let from = 0;
  for (let at = part.indexOf(lineFeed); at >= 0; at = part.indexOf(lineFeed, from)) {
    pieces.push(part.subarray(from, at));
    from = at + 1;
  }
  pieces.push(part.subarray(from));
  return pieces;
}

/** Adds text to a file and waits until it is durable. What could not be written wholly is cut off again. */
export async function appendDurably(file: string, text: string): Promise<void> {
  const isNew = (await bytesOf(file)) === 0;
  {
    const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;
    await using handle = await open(file, flags, 0o600);
    const { size } = await handle.stat();
    try {
      await handle.writeFile(text);
      await handle.datasync();
    } catch (problem) {
      await handle.truncate(size).catch(() => {});
      throw problem;
    }
  }
  if (!isNew) return;
  await using folder = await open(dirname(file), constants.O_RDONLY | constants.O_DIRECTORY);
  await folder.sync();
}
