import { closeSync, constants, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { HoldfastError } from '@holdfast/api';
import { stampOf } from './stamp.ts';

/** What the caller knows of a file before it is opened. */
export interface ExpectedFile {
  /** The stamp that the plugin saw; see `stampOf`. */
  readonly stamp?: string | undefined;
}

/**
 * An image file open for reading, with an eye on its identity: bytes are only ever given of the file that was opened,
 * as it was when it was opened.
 */
export class ImageFile {
  readonly path: string;
  readonly sizeBytes: number;
  /** Bytes that the file takes on its storage. */
  readonly allocatedBytes: number;
  /** What it was when it was opened; see `stampOf`. */
  readonly stamp: string;
  #fd: number;

  private constructor(path: string, fd: number, sizeBytes: number, allocatedBytes: number, stamp: string) {
    this.path = path;
    this.sizeBytes = sizeBytes;
    this.allocatedBytes = allocatedBytes;
    this.stamp = stamp;
    this.#fd = fd;
  }

  /** @throws `DISK_UNREADABLE` when it is not there, may not be read or is no file; `DISK_CHANGED` when it is not the one expected. */
  static open(path: string, expected: ExpectedFile = {}): ImageFile {
    const fd = openForReading(path);
    try {
      const stats = fstatSync(fd, { bigint: true });
      if (!stats.isFile()) {
        throw new HoldfastError('DISK_UNREADABLE', `${path} is not a file`, { facts: { path } });
      }
      const stamp = stampOf(stats);
      if (expected.stamp !== undefined && expected.stamp !== stamp) throw changed(path, 'since it was listed');
      const allocatedBytes = Number(stats.blocks) * 512;
      return new ImageFile(path, fd, Number(stats.size), allocatedBytes, stamp);
    } catch (cause) {
      closeSync(fd);
      throw cause;
    }
  }

  /** The descriptor, to be handed to a program that looks at the same file. */
  get fd(): number {
    return this.#fd;
  }

  /** Fills `into` with the bytes from `offsetBytes`, which must lie within the file. */
  read(into: Uint8Array, offsetBytes: number): void {
    if (offsetBytes < 0 || offsetBytes + into.length > this.sizeBytes) {
      throw new RangeError(
        `read of ${into.length} bytes at ${offsetBytes} of ${this.path}, which has ${this.sizeBytes}`,
      );
    }
    let done = 0;
    while (done < into.length) {
      let got: number;
      try {
        got = readSync(this.#fd, into, done, into.length - done, offsetBytes + done);
      } catch (cause) {
        throw unreadable(this.path, cause, offsetBytes + done);
      }
      if (got === 0) throw changed(this.path, 'while it was read: it has become shorter');
      done += got;
    }
  }

  /** Throws when the file is no longer what it was when it was opened. To be called after the bytes were read. */
  assertUnchanged(): void {
    let stats: ReturnType<typeof statOpen>;
    try {
      stats = statOpen(this.#fd);
    } catch (cause) {
      throw unreadable(this.path, cause);
    }
    if (stats.nlink === 0n) {
      if (existsSync(this.path)) throw changed(this.path, 'while it was read: another file took its place');
      throw new HoldfastError('DISK_UNREADABLE', `${this.path} was deleted while it was read`, {
        facts: { path: this.path },
      });
    }
    if (stampOf(stats) !== this.stamp) throw changed(this.path, 'while it was read');
  }

  /** Idempotent. */
  close(): void {
    if (this.#fd < 0) return;
    const fd = this.#fd;
    this.#fd = -1;
    closeSync(fd);
  }
}

const statOpen = (fd: number) => fstatSync(fd, { bigint: true });

function openForReading(path: string): number {
  try {
    // Without O_NONBLOCK, opening a named pipe that lies in place of an image would wait for ever.
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function changed(path: string, how: string): HoldfastError {
  return new HoldfastError('DISK_CHANGED', `${path} changed ${how}`, {
    remedy: 'leave the machine switched off while it is read, then run it again; nothing was committed',
    facts: { path },
  });
}

function unreadable(path: string, cause: unknown, offset?: number): HoldfastError {
  const why = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
  const text = reasons[why] ?? `failed with ${why}`;
  const at = offset === undefined ? '' : ` at offset ${offset}`;
  return new HoldfastError('DISK_UNREADABLE', `reading ${path}${at}: ${text}`, {
    facts: { path, reason: why, ...(offset === undefined ? {} : { offset }) },
    cause,
  });
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'it is not there',
  ENOTDIR: 'it is not there',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EIO: 'the storage failed',
  ESTALE: 'the storage has gone away',
  ELOOP: 'too many links',
};
