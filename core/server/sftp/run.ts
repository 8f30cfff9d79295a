import { HoldfastError, isHoldfastError } from '@holdfast/api';
import type { AcceptSftpConnection, SFTPWrapper } from 'ssh2';
import { safeText } from '../../model/text/safe-text.ts';
import type { Actor } from '../../shell/access/contract.ts';
import type { IdleWatch } from '../connection/idle.ts';
import { heldBySftp } from '../connection/ssh2-inside.ts';
import type { Wire } from '../connection/wire.ts';
import type { ServerParts } from '../connection/work.ts';
import { type Answer, denied, failure, readOnly, send, unsupported } from './answer.ts';
import { BlockCache } from './block-cache.ts';
import { Handles } from './handles.ts';
import { OpenedPoints } from './opened-points.ts';
import { PointFiles } from './point-files.ts';
import { PointTree } from './tree.ts';

/** Answers wait in this process for no more than this. */
const unsentLimitBytes = 64 * 1024;
const changingExtensions = /^(?:posix-rename|hardlink|lsetstat|copy-data|fsync)(?:@|$)/;

export interface SftpParts {
  readonly server: ServerParts;
  readonly wire: Wire;
  readonly idle: IdleWatch;
  readonly actor: Actor;
  readonly gone: AbortSignal;
  check(): Promise<Actor>;
}

/** Reading a disk is a restore. */
const mayRestore = (actor: Actor): boolean =>
  actor.roles.some((role) => role === 'operator' || role === 'administrator');

/** Serves restore points until the client goes. */
export async function runSftp(
  parts: SftpParts,
  accept: AcceptSftpConnection,
  reject: (() => void) | undefined,
): Promise<void> {
  const { actor, server, gone } = parts;
  const { audit } = server.options;
  if (!mayRestore(actor)) {
    reject?.();
    return audit.append(actor, 'denied', { command: 'sftp', needs: 'operator' });
  }
  const sftp = accept() as SFTPWrapper | undefined;
  if (sftp === undefined) return;
  await new SftpSession(sftp, parts).run(gone);
}

class SftpSession {
  readonly #sftp: SFTPWrapper;
  readonly #parts: SftpParts;
  readonly #handles: Handles;
  readonly #opened: OpenedPoints;
  readonly #cache = new BlockCache();
  readonly #over = Promise.withResolvers<void>();
  /** Requests are answered one after another, as they came. */
  #tail: Promise<void>;
  #waiting = 0;
  #isOver = false;

  constructor(sftp: SFTPWrapper, parts: SftpParts) {
    this.#sftp = sftp;
    this.#parts = parts;
    const { options, limits } = parts.server;
    this.#handles = new Handles(limits.handles);
    this.#opened = new OpenedPoints(options.points, (error) =>
      options.log('warn', `a restore point could not be closed: ${String(error)}`),
    );
    const tree = new PointTree(options.points, this.#opened, () => options.now());
    let { actor } = parts;
    const files = new PointFiles({
      tree,
      handles: this.#handles,
      cache: this.#cache,
      opening: (path, { machine, point, disk }) =>
        options.audit.append(actor, 'sftp.open', {
          path: safeText(path, 300),
          machine: safeText(`${machine.endpoint}/${machine.name}`, 300),
          point: point.id,
          target: point.target,
          disk: disk.key,
        }),
      now: () => options.now(),
    });
    this.#listen(files);
    this.#tail = parts
      .check()
      .then(async (checked) => {
        actor = checked;
        if (!mayRestore(actor)) throw new HoldfastError('ACCESS_DENIED', `${actor.name} is no operator any more`);
        await options.audit.append(actor, 'sftp.open', { path: '/' });
      })
      .catch((error: unknown) => {
        options.log('warn', `SFTP session ${actor.session}: ${String(error)}`);
        this.#end();
      });
  }

  async run(gone: AbortSignal): Promise<void> {
    gone.addEventListener('abort', () => this.#end(), { once: true });
    if (gone.aborted) this.#end();
    await this.#over.promise;
    this.#isOver = true;
    this.#handles.closeAll();
    await this.#opened.close();
    this.#cache.clear();
  }

  #listen(files: PointFiles): void {
    const sftp = this.#sftp;
    sftp.on('OPEN', (id, path, flags) => this.#answer(id, () => files.open(path, flags)));
    sftp.on('OPENDIR', (id, path) => this.#answer(id, () => files.openFolder(path)));
    sftp.on('READ', (id, handle, offset, length) => this.#answer(id, () => files.read(handle, offset, length)));
    sftp.on('READDIR', (id, handle) => this.#answer(id, () => files.readFolder(handle)));
    sftp.on('CLOSE', (id, handle) => this.#answer(id, () => files.close(handle)));
    sftp.on('STAT', (id, path) => this.#answer(id, () => files.stat(path)));
    sftp.on('LSTAT', (id, path) => this.#answer(id, () => files.stat(path)));
    sftp.on('FSTAT', (id, handle) => this.#answer(id, () => files.statHandle(handle)));
    sftp.on('REALPATH', (id, path) => this.#answer(id, () => files.realPath(path)));
    const refuse = (id: number): void => this.#answer(id, () => readOnly);
    sftp.on('WRITE', refuse).on('SETSTAT', refuse).on('FSETSTAT', refuse).on('MKDIR', refuse).on('RMDIR', refuse);
    sftp.on('REMOVE', refuse).on('RENAME', refuse).on('SYMLINK', refuse);
    sftp.on('READLINK', (id) => this.#answer(id, () => denied('there are no links here')));
    sftp.on('EXTENDED', (id: number, name: string) =>
      this.#answer(id, () => (changingExtensions.test(name) ? readOnly : unsupported)),
    );
    // Without this OpenSSH's client waits for ever.
    sftp.on('end', () => this.#end());
    sftp.on('close', () => this.#end());
    sftp.on('error', () => this.#end());
  }

  #answer(request: number, work: () => Answer | Promise<Answer>): void {
    if (this.#isOver) return;
    this.#parts.idle.touch();
    this.#waiting += 1;
    if (this.#waiting > this.#parts.server.limits.requests) {
      this.#parts.server.options.log('warn', `SFTP session ${this.#parts.actor.session} asked for too much at once`);
      this.#end();
      return;
    }
    const busy = this.#parts.idle.work();
    this.#tail = this.#tail.then(async () => {
      try {
        if (!this.#isOver) await this.#send(request, await this.#attempt(work));
      } catch (error) {
        this.#parts.server.options.log('error', `SFTP session ${this.#parts.actor.session} failed: ${String(error)}`);
        this.#end();
      } finally {
        this.#waiting -= 1;
        busy();
      }
    });
  }

  async #attempt(work: () => Answer | Promise<Answer>): Promise<Answer> {
    try {
      return await work();
    } catch (error) {
      const { log } = this.#parts.server.options;
      if (!isHoldfastError(error)) {
        log(
          'error',
          `SFTP session ${this.#parts.actor.session}: ${error instanceof Error ? error.stack : String(error)}`,
        );
        return failure('a bug: the log of the server has the details');
      }
      log('warn', `SFTP session ${this.#parts.actor.session}: ${error.message} [${error.code}]`);
      return failure(safeText(`${error.message} [${error.code}]`, 300));
    }
  }

  async #send(request: number, answer: Answer): Promise<void> {
    const { wire, gone } = this.#parts;
    const isThere = await wire.room(unsentLimitBytes, gone, () => heldBySftp(this.#sftp));
    if (isThere && !this.#isOver) send(this.#sftp, request, answer);
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#sftp.end();
    this.#over.resolve();
  }
}
