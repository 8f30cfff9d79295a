import type { Plain } from '@holdfast/api';
import type { ExecIo, OpenedWorkbench } from '../../core/server/contract.ts';
import type { OpenPoint, PointEntry, PointMachine, PointSource } from '../../core/server/point-source.ts';
import type { Tty } from '../../core/server/tty.ts';
import type { Access, Actor, User } from '../../core/shell/access/contract.ts';
import type { Audit } from '../../core/shell/audit/contract.ts';
import type { Desk } from '../../core/shell/desk/contract.ts';

const notHere = (): never => {
  throw new Error('not part of this test');
};

/** Users in memory. */
export class KnownUsers implements Access {
  readonly #users = new Map<string, User>();

  async users(): Promise<readonly User[]> {
    return [...this.#users.values()];
  }

  async user(name: string): Promise<User | null> {
    return this.#users.get(name) ?? null;
  }

  async saveUser(user: User): Promise<void> {
    this.#users.set(user.name, user);
  }

  async removeUser(name: string): Promise<boolean> {
    return this.#users.delete(name);
  }

  readonly approvals = notHere;
  readonly ask = notHere;
  readonly decide = notHere;
  readonly use = notHere;
}

export interface Audited {
  readonly who: string;
  readonly from: string;
  readonly session: string;
  readonly what: string;
  readonly facts: Readonly<Record<string, Plain>>;
}

/** An audit log in memory. */
export class AuditedHere implements Audit {
  readonly all: Audited[] = [];

  async append({ name, from, session }: Actor, what: string, facts: Readonly<Record<string, Plain>>): Promise<void> {
    this.all.push({ who: name, from, session, what, facts });
  }

  of(what: string): readonly Audited[] {
    return this.all.filter((entry) => entry.what === what);
  }

  readonly entries = notHere;
  readonly verify = notHere;
}

/** A desk that only knows whose it is. */
export const deskOf = (actor: Actor): Desk => ({ actor, site: 'test', version: '1', now: () => 0 }) as unknown as Desk;

/** A workbench that echoes keys; `q` leaves, `!` throws at once, `?` throws later, `%` in a promise, `#` draws 100 KB. */
export class EchoBench implements OpenedWorkbench {
  readonly ended: Promise<void>;
  readonly notices: string[] = [];
  isClosed = false;
  /** Frames that were left out because the client had not taken the last. */
  skipped = 0;
  readonly tty: Tty;
  readonly #over = Promise.withResolvers<void>();
  #typed = '';

  constructor(tty: Tty, desk: Desk) {
    this.tty = tty;
    this.ended = this.#over.promise;
    tty.notice = (text) => {
      this.notices.push(text);
      this.#draw();
    };
    tty.onData((bytes) => this.#type(Buffer.from(bytes).toString()));
    tty.onResize(() => this.#draw());
    tty.onClose(() => this.#over.resolve());
    tty.write(`\u001b[?1049h\u001b[?1000hhello ${desk.actor.name}`);
    this.#draw();
  }

  text(): string {
    return [`typed ${this.#typed}`, ...this.notices].join('\n');
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.tty.write('\u001b[?1000l\u001b[?1049lbye\r\n');
  }

  /** Draws large frames as fast as it may, as a busy screen does. */
  flood(times: number): void {
    for (let frame = 0; frame < times; frame++) {
      if (this.tty.pendingBytes > 0) this.skipped += 1;
      else this.tty.write(`frame ${frame} ${'x'.repeat(20_000)}`);
    }
  }

  #type(text: string): void {
    for (const key of text) {
      if (key === 'q') this.#over.resolve();
      if (key === '!') throw new Error('thrown while a key is handled');
      if (key === '?') setTimeout(() => notThere(), 5);
      if (key === '%') setTimeout(() => void Promise.reject(new Error('thrown later')), 5);
      if (key === '#') this.tty.write('#'.repeat(100_000));
      this.#typed += key;
    }
    this.#draw();
  }

  #draw(): void {
    const { columns, rows, depth } = this.tty;
    this.tty.write(`\u001b[2J\u001b[H[${columns}x${rows} ${depth}] ${this.text().replaceAll('\n', '\r\n')}`);
  }
}

function notThere(): never {
  throw new Error('thrown later');
}

/** Commands by name, as a registry would run them. */
export async function runFakeCommand(words: readonly string[], actor: Actor, io: ExecIo): Promise<number> {
  const { stdin, stdout, stderr, signal } = io;
  const [command = '', ...rest] = words;
  if (command === 'echo') stdout.write(`${JSON.stringify(rest)}\n`);
  else if (command === 'who') stdout.write(`${actor.name} ${actor.roles.join(',')} ${actor.from}\n`);
  else if (command === 'fail') stderr.write('✗ it failed\n');
  else if (command === 'cat') for await (const chunk of stdin) stdout.write(chunk);
  else if (command === 'throw') throw new Error('a bug in a command');
  else if (command === 'both') await writeBoth(io, Number(rest[0]));
  else if (command === 'wait') {
    stdout.write('waiting\n');
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    return 130;
  }
  return command === 'fail' ? 7 : 0;
}

/** So many bytes to both streams at once, each telling its place. */
async function writeBoth({ stdout, stderr }: ExecIo, bytes: number): Promise<void> {
  const step = 40_000;
  for (let at = 0; at < bytes; at += step) {
    const length = Math.min(step, bytes - at);
    const went = [stdout, stderr].map(
      (stream, index) => new Promise((resolve) => stream.write(patternBytes(index, at, length), resolve)),
    );
    await Promise.all(went);
  }
}

/** Bytes that tell their place: a different stream for each seed. */
export function patternBytes(seed: number, offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  for (let index = 0; index < length; index++) {
    const at = offset + index;
    bytes[index] = (at * 31 + (at >>> 8) * 17 + (at >>> 16) * 101 + seed * 7) & 0xff;
  }
  return bytes;
}

export interface FakeMachine extends PointMachine {
  readonly held: readonly (PointEntry & { readonly sizes: readonly number[] })[];
}

/** Restore points whose disks hold a pattern. Counts what is open and what was read. */
export class PatternPoints implements PointSource {
  readonly #machines: readonly FakeMachine[];
  openNow = 0;
  opened = 0;
  largestRead = 0;
  readBytes = 0;
  /** Set, reads throw it. */
  broken: Error | null = null;

  constructor(machines: readonly FakeMachine[]) {
    this.#machines = machines;
  }

  async machines(): Promise<readonly PointMachine[]> {
    return this.#machines;
  }

  async points(machine: PointMachine): Promise<readonly PointEntry[]> {
    return this.#machines.find(({ endpoint, id }) => endpoint === machine.endpoint && id === machine.id)?.held ?? [];
  }

  async open(point: PointEntry): Promise<OpenPoint> {
    const held = this.#machines.flatMap((machine) => machine.held).find(({ id }) => id === point.id);
    if (held === undefined) throw new Error('no such point');
    this.openNow += 1;
    this.opened += 1;
    const seedOf = (disk: string): number => Number.parseInt(point.id, 16) + Number(disk.slice(3));
    return {
      disks: held.sizes.map((sizeBytes, index) => ({ key: `vd-${index}`, sizeBytes, takenAt: point.takenAt })),
      read: async (disk, offset, length) => {
        this.largestRead = Math.max(this.largestRead, length);
        this.readBytes += length;
        await new Promise((resolve) => setImmediate(resolve));
        if (this.broken !== null) throw this.broken;
        return patternBytes(seedOf(disk), offset, length);
      },
      close: async () => {
        this.openNow -= 1;
      },
    };
  }
}
