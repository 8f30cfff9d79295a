import type { Call, DiskRef, Extent, NbdSink, NbdSource } from '@holdfast/api';
import { HoldfastError } from '@holdfast/api';
import type { Host, Reached } from '../ssh/host.ts';
import type { ExportedDisk } from './marks.ts';
import { readToken } from './tracking.ts';

/** Sockets of a host as this machine reaches them, each once however often it is asked for. */
export class ReachedSockets {
  readonly #host: Host;
  readonly #open = new Map<string, { readonly reached: Promise<Reached>; users: number }>();
  /** What was reached, by the path on this machine. */
  readonly #local = new Map<string, string>();

  constructor(host: Host) {
    this.#host = host;
  }

  /** Answers the path on this machine. Each answer is given back once. */
  async take(socket: string): Promise<string> {
    const there = this.#open.get(socket) ?? { reached: this.#host.reach(socket), users: 0 };
    this.#open.set(socket, there);
    there.users += 1;
    try {
      const { path } = await there.reached;
      this.#local.set(path, socket);
      return path;
    } catch (thrown) {
      this.#open.delete(socket);
      throw thrown;
    }
  }

  /** The socket of the host that a path on this machine leads to, while it does. */
  remoteOf(path: string): string | null {
    return this.#local.get(path) ?? null;
  }

  /** Gives one back, by the path on this machine. Idempotent. */
  async giveBack(path: string): Promise<void> {
    const socket = this.#local.get(path);
    const there = socket === undefined ? undefined : this.#open.get(socket);
    if (socket === undefined || there === undefined) return;
    there.users -= 1;
    if (there.users > 0) return;
    await this.#end(socket);
  }

  /** Ends what is left of a socket that goes. */
  async end(socket: string): Promise<void> {
    if (this.#open.has(socket)) await this.#end(socket);
  }

  async close(): Promise<void> {
    for (const socket of [...this.#open.keys()]) await this.#end(socket);
  }

  async #end(socket: string): Promise<void> {
    const there = this.#open.get(socket);
    this.#open.delete(socket);
    const reached = await there?.reached.catch(() => null);
    if (reached === null || reached === undefined) return;
    this.#local.delete(reached.path);
    await reached[Symbol.asyncDispose]();
  }
}

export const sourceAt = (
  socket: string,
  { key, sizeBytes }: Pick<ExportedDisk, 'key' | 'sizeBytes'>,
): NbdSource & NbdSink => ({
  kind: 'nbd',
  address: { socket },
  export: key,
  sizeBytes,
});

/** Extents of an export that a context of it marks. */
export async function* markedExtents(
  source: NbdSource,
  context: string,
  isMarked: (flags: number) => boolean,
  call: Call,
): AsyncGenerator<Extent> {
  // Loaded when it is needed: listing machines should start quickly.
  const { NbdClient } = await import('@holdfast/kit/nbd/client');
  await using client = await NbdClient.connect(source.address, {
    export: source.export,
    contexts: [context],
    signal: call.signal,
  });
  if (!client.facts.contexts.includes(context))
    throw new HoldfastError('TRACKING_LOST', `QEMU does not tell ${context} of disk ${source.export}`);
  let last: { offset: number; length: number } | null = null;
  for await (const { offset, length, flags } of client.extents(context)) {
    if (!isMarked(flags)) continue;
    if (last !== null && last.offset + last.length === offset) last.length += length;
    else {
      if (last !== null) yield last;
      last = { offset, length };
    }
  }
  if (last !== null) yield last;
}

/** Sees that changes since a token are what an export tells. @throws `TRACKING_LOST` with the reason. */
export function demandTracked(disk: ExportedDisk, ref: DiskRef, since: string): string {
  const token = readToken(since);
  const lose = (why: string): HoldfastError =>
    new HoldfastError('TRACKING_LOST', `changes of disk ${ref.disk} are not known: ${why}`, {
      facts: { machine: ref.machine.slice(0, 200), disk: ref.disk.slice(0, 200), reason: why.slice(0, 300) },
    });
  if (token === null) throw lose('the last restore point was made by something else');
  const why = disk.lost[token.checkpoint] ?? disk.lost[''];
  if (why !== undefined) throw lose(why);
  if (token.sizeBytes !== disk.sizeBytes)
    throw lose(`it had ${token.sizeBytes} bytes at the last restore point and has ${disk.sizeBytes} now`);
  if (token.image !== disk.image) throw lose('it has another image than at the last restore point');
  if (disk.context === null || disk.since === null) throw lose('the snapshot was taken without its checkpoint');
  if (!disk.covers.includes(token.checkpoint)) throw lose('the snapshot was taken without its checkpoint');
  return disk.context;
}
