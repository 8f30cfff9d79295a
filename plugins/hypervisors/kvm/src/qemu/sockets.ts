import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { HoldfastError } from '@holdfast/api';
import { systemCode } from '../system-code.ts';

const ending = '.qmp';
/** A socket's path has at most 107 bytes. */
const mostPathBytes = 107;

/** A folder with one QMP socket for each machine, NAME.qmp, and NAME.qga of its guest agent beside it. */
export class SocketFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Names of machines that have a socket here, in order. @throws `ENDPOINT_UNREACHABLE` when the folder cannot be read. */
  async names(): Promise<readonly string[]> {
    try {
      const entries = await readdir(this.path, { withFileTypes: true });
      return entries
        .filter((entry) => (entry.isSocket() || entry.isSymbolicLink()) && entry.name.endsWith(ending))
        .map((entry) => entry.name.slice(0, -ending.length))
        .filter((name) => name !== '')
        .toSorted();
    } catch (cause) {
      throw new HoldfastError(
        'ENDPOINT_UNREACHABLE',
        `the folder of sockets ${this.path} cannot be read (${systemCode(cause) || 'unknown'})`,
        {
          remedy:
            'check that it is there and readable, and that QEMU is started with `-qmp unix:NAME.qmp,server=on,wait=off`',
          facts: { folder: this.path },
          cause,
        },
      );
    }
  }

  qmp(name: string): string {
    return join(this.path, `${name}${ending}`);
  }

  agent(name: string): string {
    return join(this.path, `${name}.qga`);
  }

  async hasAgent(name: string): Promise<boolean> {
    return await stat(this.agent(name)).then(
      (found) => found.isSocket(),
      () => false,
    );
  }

  /** Why no program can connect to a socket of this name, or `null`. */
  tooLong(name: string): string | null {
    const bytes = Buffer.byteLength(this.qmp(name));
    return bytes <= mostPathBytes
      ? null
      : `the path of its socket has ${bytes} bytes, and the system takes ${mostPathBytes}`;
  }

  /**
   * What tells a process of QEMU from the one before it: each makes its socket anew. And whose it is, where this process may give files
   * away, so that QEMU can write what is made for it.
   */
  async process(name: string): Promise<{ readonly mark: string; readonly owner: { uid: number; gid: number } | null }> {
    const { ino, birthtimeNs, uid, gid } = await stat(this.qmp(name), { bigint: true });
    const mark = createHash('sha256').update(`${ino} ${birthtimeNs}`).digest('hex').slice(0, 16);
    const isOther = process.getuid?.() === 0 && uid !== 0n;
    return { mark, owner: isOther ? { uid: Number(uid), gid: Number(gid) } : null };
  }
}
