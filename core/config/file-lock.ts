import { holdLock } from '../base/process-lock.ts';

/**
 * Holds a file for one holder while it is read, changed and replaced. What holds it is a lock of the kernel on a file beside it, which goes when it is
 * given back; one that a killed process has left holds nobody.
 * @throws `CONFIG_CHANGED` when another process holds it for longer than 15 seconds; `FOLDER_UNWRITABLE`.
 */
export async function lockFile(file: string): Promise<AsyncDisposable> {
  const lock = await holdLock(`${file}.hold`, { isRemoved: true });
  return { [Symbol.asyncDispose]: async () => lock[Symbol.dispose]() };
}
