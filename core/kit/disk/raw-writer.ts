import { closeSync, constants, fdatasync, fstatSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { HoldfastError } from '@holdfast/api';
import type { DiskWriter } from './reader.ts';

/** The disk is set to work after so many bytes: else it does nothing until all is written, and is then waited for. */
const EARLY_BYTES = 64 * 1024 * 1024;

/** Writes to a raw image that exists, has its full size and holds zeros. */
export class RawWriter implements DiskWriter {
  readonly sizeBytes: number;
  readonly #path: string;
  #fd: number;
  #failed: HoldfastError | null = null;
  #unsynced = 0;
  #early: Promise<void> | null = null;

  private constructor(path: string, fd: number, sizeBytes: number) {
    this.#path = path;
    this.#fd = fd;
    this.sizeBytes = sizeBytes;
  }

  /** @throws `DISK_UNWRITABLE`, and `DISK_CHANGED` when the file has not the size that is expected. Never makes a file. */
  static open(path: string, sizeBytes: number): RawWriter {
    let fd: number;
    try {
      fd = openSync(path, constants.O_WRONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    } catch (cause) {
      throw unwritable(path, cause);
    }
    const stats = fstatSync(fd);
    if (stats.isFile() && stats.size === sizeBytes) return new RawWriter(path, fd, sizeBytes);
    closeSync(fd);
    if (!stats.isFile()) throw new HoldfastError('DISK_UNWRITABLE', `${path} is not a file`, { facts: { path } });
    throw new HoldfastError('DISK_CHANGED', `${path} has ${stats.size} bytes instead of ${sizeBytes}`, {
      facts: { path, sizeBytes: stats.size, expectedBytes: sizeBytes },
    });
  }

  write(bytes: Uint8Array, offsetBytes: number): void {
    if (offsetBytes < 0 || offsetBytes + bytes.length > this.sizeBytes) {
      throw new RangeError(
        `write of ${bytes.length} bytes at ${offsetBytes} of ${this.#path}, which has ${this.sizeBytes}`,
      );
    }
    let done = 0;
    while (done < bytes.length) {
      try {
        done += writeSync(this.#fd, bytes, done, bytes.length - done, offsetBytes + done);
      } catch (cause) {
        throw unwritable(this.#path, cause);
      }
    }
    this.#unsynced += bytes.length;
    if (this.#unsynced >= EARLY_BYTES && this.#early === null) this.#syncEarly();
  }

  /** Begins to make durable what is written by now, beside everything else. */
  #syncEarly(): void {
    this.#unsynced = 0;
    this.#early = new Promise((resolve) => {
      fdatasync(this.#fd, (cause) => {
        if (cause !== null) this.#failed ??= unwritable(this.#path, cause);
        this.#early = null;
        resolve();
      });
    });
  }

  async sync(): Promise<void> {
    await this.#early;
    // After a failed fsync the kernel may have dropped the pages and would report success the next time.
    if (this.#failed !== null) throw this.#failed;
    try {
      fsyncSync(this.#fd);
    } catch (cause) {
      this.#failed = unwritable(this.#path, cause);
      throw this.#failed;
    }
  }

  /** Idempotent. */
  async close(): Promise<void> {
    if (this.#fd < 0) return;
    const fd = this.#fd;
    this.#fd = -1;
    // Its number may be another file's as soon as it is closed.
    await this.#early;
    closeSync(fd);
  }
}

function unwritable(path: string, cause: unknown): HoldfastError {
  const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
  if (reason === 'ENOSPC' || reason === 'EDQUOT') {
    return new HoldfastError('DISK_SPACE', `no room left for ${path}`, { facts: { path, reason }, cause });
  }
  return new HoldfastError('DISK_UNWRITABLE', `writing ${path} failed with ${reason}`, {
    facts: { path, reason },
    cause,
  });
}
