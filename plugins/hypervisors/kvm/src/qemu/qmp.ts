import { HoldfastError, type Plain } from '@holdfast/api';
import { LineSocket, LinkFailure } from '../live/line-socket.ts';
import { listOf, member, sizeOf, textOf } from '../live/plain.ts';

/** A machine with hundreds of nodes answers with some hundred KiB. */
const maxLineBytes = 16 * 1024 * 1024;
const answerMs = 30_000;
/** Events that nobody waits for are kept for who asks a moment later; the oldest go. */
const mostEvents = 256;

/** QEMU answered a command with an error. */
export class QmpRefusal extends HoldfastError {
  /** QEMU's class of the error, for example `DeviceNotFound`. */
  readonly refusal: string;

  constructor(title: string, command: string, error: Plain) {
    const text = textOf(member(error, 'desc')).slice(0, 500);
    super('MACHINE_UNPROTECTABLE', `QEMU of ${title} refused ${command}: ${text}`, {
      remedy: 'see that QEMU is 6.0 or newer and that nothing else works on the machine’s disks',
      facts: { machine: title, command },
    });
    this.refusal = textOf(member(error, 'class'));
  }
}

/** How a QMP socket is opened. */
export interface QmpHow {
  /** The machine, for messages. */
  readonly title: string;
  /** How long to wait until QEMU serves us: it serves one at a time. Default is 30,000 ms. */
  readonly limitMs?: number;
  readonly signal?: AbortSignal;
}

interface Waiting {
  readonly resolve: (answer: Plain) => void;
  readonly reject: (error: unknown) => void;
  readonly command: string;
}

/**
 * A talk with QEMU. Its socket serves one client at a time, so a talk is short: connect, do a piece of work, close.
 * @see QEMU Machine Protocol Specification.
 */
export class Qmp implements AsyncDisposable {
  readonly title: string;
  /** Of QEMU, for example `[7, 2, 22]`. */
  readonly version: readonly number[];
  readonly #link: LineSocket;
  readonly #waiting = new Map<number, Waiting>();
  readonly #events: Plain[] = [];
  #listener: ((event: Plain) => void) | null = null;
  #ended: unknown = null;
  #last = 0;

  private constructor(link: LineSocket, greeting: Plain, title: string) {
    this.#link = link;
    this.title = title;
    const version = member(greeting, 'QMP', 'version', 'qemu');
    this.version = ['major', 'minor', 'micro'].map((part) => sizeOf(member(version, part)));
    void this.#pump();
  }

  /** @throws `MACHINE_NOT_FOUND` when nobody listens, `ENDPOINT_UNREACHABLE` when QEMU does not answer in time or is none. */
  static async connect(socket: string, how: QmpHow): Promise<Qmp> {
    const limitMs = how.limitMs ?? answerMs;
    const end = performance.now() + limitMs;
    const { signal } = how;
    try {
      const link = await LineSocket.connect(socket, {
        limitMs,
        maxLineBytes,
        ...(signal === undefined ? {} : { signal }),
      });
      try {
        const greeting = parse(await link.read(Math.max(1, end - performance.now()), signal));
        if (member(greeting, 'QMP', 'version') === undefined) throw new LinkFailure('much', 'it does not speak QMP');
        const qmp = new Qmp(link, greeting, how.title);
        await qmp.execute('qmp_capabilities', undefined, Math.max(1_000, end - performance.now()));
        return qmp;
      } catch (thrown) {
        link.close();
        throw thrown;
      }
    } catch (thrown) {
      throw unreachable(thrown, how.title, `within ${limitMs} ms`);
    }
  }

  /** @throws {QmpRefusal} when QEMU says no; `ENDPOINT_UNREACHABLE` when it ends or is silent. */
  async execute(command: string, args?: Readonly<Record<string, Plain>>, limitMs = answerMs): Promise<Plain> {
    if (this.#ended !== null) throw unreachable(this.#ended, this.title, `${command}`);
    this.#last += 1;
    const id = this.#last;
    const { promise, resolve, reject } = Promise.withResolvers<Plain>();
    this.#waiting.set(id, { resolve, reject, command });
    const timer = setTimeout(() => {
      reject(unreachable(new LinkFailure('silent', ''), this.title, `${command} within ${limitMs} ms`));
    }, limitMs);
    this.#link.write(
      `${JSON.stringify({ execute: command, id, ...(args === undefined ? {} : { arguments: args }) })}\n`,
    );
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(id);
    }
  }

  /**
   * The next event that fits, or one that came before; `null` when there is none within the limit. `atMs` is QEMU's own time of it, in epoch
   * milliseconds.
   */
  async event(
    fits: (name: string, data: Plain) => boolean,
    limitMs: number,
  ): Promise<{ readonly data: Plain; readonly atMs: number } | null> {
    const isIt = (event: Plain): boolean => fits(textOf(member(event, 'event')), member(event, 'data'));
    const index = this.#events.findIndex(isIt);
    const before = index < 0 ? undefined : this.#events.splice(index, 1)[0];
    if (before !== undefined) return described(before);
    if (this.#ended !== null) throw unreachable(this.#ended, this.title, 'an event');
    const { promise, resolve } = Promise.withResolvers<Plain>();
    const timer = setTimeout(() => resolve(null), limitMs);
    this.#listener = (event) => {
      if (isIt(event)) resolve(event);
    };
    try {
      const event = await promise;
      return event === null ? null : described(event);
    } finally {
      clearTimeout(timer);
      this.#listener = null;
    }
  }

  /** Whether QEMU has ended, or broke the connection. */
  get isEnded(): boolean {
    return this.#ended !== null;
  }

  close(): void {
    this.#link.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  async #pump(): Promise<void> {
    try {
      for (;;) this.#take(parse(await this.#link.read(2 ** 40)));
    } catch (thrown) {
      this.#ended = thrown;
      this.#link.close();
      for (const { reject, command } of this.#waiting.values()) reject(unreachable(thrown, this.title, command));
    }
  }

  #take(message: Plain): void {
    const waiting = this.#waiting.get(sizeOf(member(message, 'id')));
    const error = member(message, 'error');
    if (error !== undefined) waiting?.reject(new QmpRefusal(this.title, waiting.command, error));
    else if (member(message, 'event') === undefined) waiting?.resolve(member(message, 'return'));
    else {
      this.#events.push(message);
      if (this.#events.length > mostEvents) this.#events.shift();
      this.#listener?.(message);
    }
  }
}

/** Jobs that QEMU knows of, by their ids. */
export async function jobsOf(
  qmp: Qmp,
): Promise<ReadonlyMap<string, { readonly status: string; readonly error: string }>> {
  const jobs = listOf(await qmp.execute('query-jobs'));
  return new Map(
    jobs.map((job) => [
      textOf(member(job, 'id')),
      { status: textOf(member(job, 'status')), error: textOf(member(job, 'error')) },
    ]),
  );
}

function described(event: Plain): { readonly data: Plain; readonly atMs: number } {
  const seconds = sizeOf(member(event, 'timestamp', 'seconds'));
  const microseconds = sizeOf(member(event, 'timestamp', 'microseconds'));
  return { data: member(event, 'data') ?? {}, atMs: seconds * 1000 + microseconds / 1000 };
}

function parse(line: Buffer): Plain {
  try {
    return JSON.parse(line.toString('utf8')) as Plain;
  } catch (cause) {
    throw new LinkFailure('much', 'it does not speak QMP', cause);
  }
}

function unreachable(thrown: unknown, title: string, what: string): unknown {
  if (!(thrown instanceof LinkFailure)) return thrown;
  const facts = { machine: title };
  const cause = thrown;
  switch (thrown.kind) {
    case 'cancelled':
      return new HoldfastError('CANCELLED', `talking to QEMU of ${title} was cancelled`, { facts, cause });
    case 'nobody':
      return new HoldfastError('MACHINE_NOT_FOUND', `QEMU of ${title} does not run: nobody listens at its socket`, {
        remedy: 'start the machine, then try again',
        facts,
        cause,
      });
    case 'denied':
      return new HoldfastError('ENDPOINT_UNREACHABLE', `the QMP socket of ${title} may not be opened`, {
        remedy: 'run Holdfast as the user of QEMU, or as root',
        facts,
        cause,
      });
    case 'gone':
      return new HoldfastError('ENDPOINT_UNREACHABLE', `QEMU of ${title} ended, or broke the connection: ${what}`, {
        remedy: 'see whether the machine still runs',
        facts,
        cause,
      });
    case 'silent':
      return new HoldfastError('ENDPOINT_UNREACHABLE', `QEMU of ${title} did not answer: ${what}`, {
        remedy: 'its QMP socket serves one program at a time: end the other, or see whether QEMU hangs',
        facts,
        cause,
      });
    case 'much':
      return new HoldfastError('ENDPOINT_UNREACHABLE', `what answers for ${title} is no QEMU: ${thrown.message}`, {
        facts,
        cause,
      });
  }
}
