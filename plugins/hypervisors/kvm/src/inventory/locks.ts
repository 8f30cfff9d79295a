import { readFile } from 'node:fs/promises';

/** QEMU locks byte 100 + n of an image for each permission that it uses; n is 1 for writing. See QEMU, block/file-posix.c. */
const writeByte = 101;
const mostBytes = 16 * 1024 * 1024;

/** Files of this host that a QEMU has open for writing, as the kernel's list of locks shows them. */
export interface ImageLocks {
  /** Whether the list could be read: it is there on Linux only. */
  readonly known: boolean;
  isWritten(file: { readonly dev: bigint; readonly ino: bigint }): boolean;
}

/**
 * Reads the kernel's list of locks. It shows what runs on this host; a machine that runs on another host, from a shared file system, it
 * does not show.
 */
export async function readImageLocks(path = '/proc/locks'): Promise<ImageLocks> {
  const text = await readFile(path, 'latin1').catch(() => null);
  const written = new Set<string>();
  for (const line of (text ?? '').slice(0, mostBytes).split('\n')) {
    const found = /^\d+: (?:-> )?OFDLCK\s+\S+\s+\S+\s+\S+\s+([0-9a-f]+):([0-9a-f]+):(\d+)\s+(\d+)\s+(\d+|EOF)/.exec(
      line,
    );
    if (found === null) continue;
    const [major, minor, inode, start, end] = found.slice(1) as [string, string, string, string, string];
    if (Number(start) > writeByte || (end !== 'EOF' && Number(end) < writeByte)) continue;
    written.add(`${Number.parseInt(major, 16)}:${Number.parseInt(minor, 16)}:${inode}`);
  }
  return {
    known: text !== null,
    isWritten: ({ dev, ino }) => written.has(`${majorOf(dev)}:${minorOf(dev)}:${ino}`),
  };
}

/** As glibc's gnu_dev_major and gnu_dev_minor take a device number apart. */
const majorOf = (dev: bigint): bigint => ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn);
const minorOf = (dev: bigint): bigint => (dev & 0xffn) | ((dev >> 12n) & ~0xffn);
