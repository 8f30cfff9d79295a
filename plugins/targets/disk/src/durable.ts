import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { systemCode } from './failure.ts';

/** Makes the entries of a folder survive a power cut. A file system that cannot sync a folder does so by itself. */
export async function syncFolder(path: string): Promise<void> {
  await using handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } catch (thrown) {
    if (!['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(systemCode(thrown))) throw thrown;
  }
}

/** Bytes that go to the kernel in one call; between two of them a cancellation is noticed. */
const stepBytes = 8 * 1024 * 1024;

/** Writes all of `body`, however many calls that takes. */
export async function writeAll(handle: FileHandle, body: Uint8Array, beforeEach: () => void): Promise<void> {
  let done = 0;
  while (done < body.length) {
    beforeEach();
    const length = Math.min(stepBytes, body.length - done);
    const { bytesWritten } = await handle.write(body, done, length, done);
    done += bytesWritten;
  }
}
