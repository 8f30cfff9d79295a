/** Wires the parts together: the only file that knows everything. */
import { readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { type CommandResult, HoldfastError } from '@holdfast/api';
import { type CliParts, type LineWish, runCli, runLine } from './cli/run-cli.ts';
import type { ExecIo } from './server/contract.ts';
import type { Access, Actor } from './shell/access/contract.ts';
import { builtInCommands } from './shell/commands/all.ts';
import type { ShellCommand, ShellHandler, Site } from './shell/contract.ts';
import { numberOrNull, textOf, textOrNull } from './shell/registry/argument-values.ts';
import { frontDeclarations } from './shell/registry/front-commands.ts';
import { CommandRegistry } from './shell/registry/registry.ts';
import type { Installation } from './shell/site/installation.ts';
import { quoted, type Surroundings, WiredSite } from './shell/site/wired-site.ts';
import { recordingsAnswer } from './shell/view/recordings-view.ts';

/** What the launcher says of where it is. */
export interface Launch {
  /** Folder of the checkout or of the installed package. */
  readonly root: string;
}

function versionOf(root: string): string {
  const read: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const version = typeof read === 'object' && read !== null && 'version' in read ? read.version : null;
  return typeof version === 'string' ? version : '0.0.0';
}

/** How a person starts this program again: the command in the PATH, else the launcher as seen from here. */
function invocationOf(root: string): string {
  if (basename(process.argv[1] ?? '') === 'holdfast') return 'holdfast';
  const launcher = join(root, 'core', 'cli', 'holdfast.js');
  const near = relative(process.cwd(), launcher);
  return `node ${quoted(near.startsWith('..') ? launcher : near)}`;
}

/** How long whatever keeps the process alive after its work may do so. */
const lingerMs = 2_000;

/** One run of the program. */
class Program {
  readonly #root: string;
  readonly #parts: CliParts;
  readonly #fronts: readonly ShellCommand[];
  #globals: LineWish['globals'] = { config: null, home: null };

  constructor(root: string) {
    this.#root = root;
    const handlers: Readonly<Record<string, ShellHandler>> = {
      workbench: (site, args, call) => this.#workbench(site, args, call),
      serve: (site, args, call) => this.#serve(site, args, call),
      'session.observe': (site, args, call) => this.#observe(site, args, call),
      'session.replay': (site, args, call) => this.#replay(site, args, call),
    };
    this.#fronts = frontDeclarations.map((declared) => ({
      ...declared,
      load: async () => ({ run: handlers[declared.id] ?? refuse }),
    }));
    const registry = new CommandRegistry([...builtInCommands, ...this.#fronts]);
    this.#parts = { root, version: versionOf(root), registry, now: Date.now };
  }

  run(argv: readonly string[]): Promise<number> {
    return runCli(argv, this.#parts, (wish) => {
      this.#globals = wish.globals;
      return new WiredSite(this.#surroundings(wish), wish);
    });
  }

  #surroundings(wish: Pick<Surroundings, 'globals' | 'log' | 'isQuick'>, sessions: Surroundings['sessions'] = null) {
    const { globals, log, isQuick } = wish;
    const code = join(import.meta.dirname, '..');
    const [cwd, env, invocation] = [process.cwd(), process.env, invocationOf(this.#root)];
    const fixed = { root: this.#root, code, cwd, env, invocation, frontCommands: this.#fronts, now: Date.now };
    return { ...fixed, globals, log, isQuick, sessions } satisfies Surroundings;
  }

  readonly #workbench: ShellHandler = async (site, args, call) => {
    if (site.sessions !== null) {
      throw new HoldfastError('USAGE', 'a server opens its workbench by itself', {
        remedy: 'log in with a terminal and without a command: `ssh HOST`',
      });
    }
    const [{ Installation }, { openDesk }, { logFile }] = await Promise.all([
      import('./shell/site/installation.ts'),
      import('./shell/desk/open.ts'),
      import('./base/log-file.ts'),
    ]);
    const log = logFile(join(site.folders.data, 'log', 'workbench.log'), Date.now);
    const around = this.#surroundings({ globals: this.#globals, log, isQuick: () => false });
    await using installation = new Installation(around);
    const desk = openDesk(installation, { ...site.actor, session: 'workbench' }, this.#parts.version, true);
    const { stdin, stdout } = process;
    if (args.plain === true) {
      const { openPlain } = await import('./terminal/plain/open.ts');
      await openPlain({ input: stdin, output: stdout, desk, signal: call.signal });
      return nothing;
    }
    if (stdin.isTTY !== true || stdout.isTTY !== true) {
      throw new HoldfastError('TERMINAL_UNFIT', 'the workbench needs a terminal, and this is none', {
        remedy: '`holdfast --plain` works on any line, and every view is a command: `holdfast --help`',
      });
    }
    const [{ openWorkbench }, { localTty }] = await Promise.all([
      import('./terminal/workbench/open.ts'),
      import('./terminal/screen/local-tty.ts'),
    ]);
    await installation.watch();
    const tty = localTty();
    try {
      const bench = openWorkbench({ tty, desk });
      call.signal.addEventListener('abort', () => bench.close(), { once: true });
      await bench.ended;
    } finally {
      tty.close();
    }
    return nothing;
  };

  readonly #serve: ShellHandler = async (site, args, call) => {
    if (site.sessions !== null) throw new HoldfastError('USAGE', 'this is a server already');
    const [
      { Installation },
      { openDesk },
      { ServedPoints },
      { openServer },
      { openRecordings },
      { colourDepth, erasesInColour },
      { doDuties },
    ] = await Promise.all([
      import('./shell/site/installation.ts'),
      import('./shell/desk/open.ts'),
      import('./shell/points/served-points.ts'),
      import('./server/open.ts'),
      import('./server/recordings/open.ts'),
      import('./terminal/screen/colour-depth.ts'),
      import('./shell/duties/duties.ts'),
    ]);
    const { server: wish = {}, metrics: { listen: figuresAt } = {} } = (await site.config()).config;
    const listen = listenAt(textOrNull(args, 'listen') ?? wish.listen ?? '127.0.0.1:2222');
    const idleMinutes = numberOrNull(args, 'idleMinutes') ?? wish.idleMinutes;
    const log: typeof call.log = (level, text) => call.log(level, text);
    const opened: { sessions: Surroundings['sessions'] } = { sessions: null };
    const around = this.#surroundings({ globals: this.#globals, log, isQuick: () => false });
    Object.defineProperty(around, 'sessions', { get: () => opened.sessions, enumerable: true });
    await using installation = new Installation(around);
    await installation.watch();
    const { version } = this.#parts;
    const access = await site.access();
    const server = await openServer({
      listen,
      dataFolder: join(site.folders.data, 'server'),
      access,
      audit: await site.audit(),
      log,
      now: Date.now,
      ...(idleMinutes === undefined ? {} : { limits: { idleMs: idleMinutes * 60_000 } }),
      recordings: wish.record === true ? openRecordings({ folder: recordingsIn(site), log, now: Date.now }) : null,
      verifyTotp: (user, code) => this.#verifyTotp(installation, user, code),
      colourDepth: (term) => colourDepth(term, {}),
      erasesInColour,
      deskFor: (actor) => openDesk(installation, actor, version, false, () => asOfNow(access, actor)),
      openWorkbench: async (tty, desk) => (await import('./terminal/workbench/open.ts')).openWorkbench({ tty, desk }),
      openPlain: async (io) => (await import('./terminal/plain/open.ts')).openPlain(io),
      execute: (words, actor, io) => this.#execute(words, actor, io, installation),
      points: new ServedPoints(installation),
    });
    opened.sessions = server.sessions;
    const blame = (error: unknown): void => {
      // One session never ends the others; what belongs to none is a bug that ends the process, as anywhere else.
      if (server.blame(error)) return;
      log('error', error instanceof Error ? (error.stack ?? error.message) : String(error));
      process.exit(1);
    };
    process.on('uncaughtException', blame);
    process.on('unhandledRejection', blame);
    log('info', `serving ssh on ${server.address} port ${server.port}, host key ${server.fingerprint}`);
    if ((await access.users()).length === 0) {
      log('warn', 'nobody can log in yet: `holdfast user add NAME --key FILE --role administrator`');
    }
    const figures = figuresAt === undefined ? null : await this.#openMetrics(installation, figuresAt, log);
    void installation.during(doDuties(installation, call.signal));
    try {
      await untilAborted(call.signal);
    } finally {
      await figures?.close();
      await server.close();
      await installation.stop(stopMs);
      process.off('uncaughtException', blame);
      process.off('unhandledRejection', blame);
    }
    return nothing;
  };

  async #openMetrics(installation: Installation, listen: string, log: Surroundings['log']) {
    const [{ openMetrics }, { metricsText }, { nobody }] = await Promise.all([
      import('./server/metrics/open.ts'),
      import('./shell/commands/metrics/collect.ts'),
      import('./shell/duties/duties.ts'),
    ]);
    const text = async (): Promise<string> => {
      await using figured = installation.use({ actor: nobody, ask: null, out: null });
      return await metricsText(figured);
    };
    return openMetrics({ listen, text, log });
  }

  async #verifyTotp(installation: Installation, user: string, code: string): Promise<boolean> {
    const { totpMatches, totpReference } = await import('./shell/access/totp.ts');
    const { nobody } = await import('./shell/duties/duties.ts');
    await using site = installation.use({ actor: nobody, ask: null, out: null });
    const secret = await (await site.secrets()).resolve(totpReference(user), AbortSignal.timeout(loginMs));
    return totpMatches(secret, code, Date.now());
  }

  readonly #observe: ShellHandler = async (site, args, call) => {
    const { sessions, out } = site;
    if (sessions === null || out === null) {
      throw new HoldfastError('SESSION_NOT_FOUND', 'sessions can be observed where they are: in the server', {
        remedy: '`ssh -t HOST session observe SESSION`',
      });
    }
    const session = sessions.get(textOf(args, 'session'));
    if (session === null)
      throw new HoldfastError('SESSION_NOT_FOUND', `there is no session ${textOf(args, 'session')}`);
    const stalled = new AbortController();
    let waiting = 0;
    const show = (text: string): void => {
      // Whoever does not read what is shown does not look on.
      if (waiting > mostWaitingBytes) {
        stalled.abort();
        return;
      }
      const bytes = Buffer.from(text);
      waiting += bytes.length;
      void out(bytes).finally(() => {
        waiting -= bytes.length;
      });
    };
    await session.observe(site.actor, show, AbortSignal.any([call.signal, stalled.signal]));
    return nothing;
  };

  readonly #replay: ShellHandler = async (site, args, call) => {
    const { openRecordings } = await import('./server/recordings/open.ts');
    const recordings = openRecordings({
      folder: recordingsIn(site),
      log: (level, text) => call.log(level, text),
      now: Date.now,
    });
    const wanted = textOrNull(args, 'recording');
    if (wanted === null) return recordingsAnswer(await recordings.list());
    const { out } = site;
    const show = async (text: string): Promise<void> => void (await out?.(Buffer.from(text)));
    const speed = numberOrNull(args, 'speed');
    await recordings.replay(wanted, show, { signal: call.signal, ...(speed === null ? {} : { speed }) });
    return nothing;
  };

  /** A command line that came over SSH. */
  #execute(words: readonly string[], actor: Actor, io: ExecIo, installation: Installation): Promise<number> {
    const registry = new CommandRegistry([...builtInCommands, ...this.#fronts]);
    return runLine(
      words,
      { ...this.#parts, registry },
      {
        stdout: io.stdout,
        stderr: io.stderr,
        env: { NO_COLOR: '1' },
        actor,
        signal: io.signal,
        ask: async () => null,
        wordless: ['--help'],
        openSite: (wish) => {
          if (wish.globals.config !== null || wish.globals.home !== null) {
            throw new HoldfastError('USAGE', 'a server has one installation: --home and --config mean nothing here');
          }
          return installation.use(wish);
        },
      },
    );
  }
}

/** What somebody may do by now, in a session that began before. */
async function asOfNow(access: Access, actor: Actor): Promise<Actor> {
  const user = await access.user(actor.name);
  if (user !== null) return { ...actor, roles: user.roles };
  throw new HoldfastError('ACCESS_DENIED', `${actor.name} is no user any more`);
}

/** How long work may take to come to a safe state when the server stops, in milliseconds. */
const stopMs = 30_000;

/** How long reading a secret may take while somebody logs in, in milliseconds. */
const loginMs = 10_000;

const recordingsIn = (site: Site): string => join(site.folders.data, 'recordings');

/** What may wait for somebody who looks on, in bytes. */
const mostWaitingBytes = 256 * 1024;

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** `ADDRESS:PORT`, `[V6]:PORT`, `PORT`. */
function listenAt(text: string): { readonly host: string; readonly port: number } {
  const found = /^(?:\[([0-9a-f:.]+)\]:|([^:\s]+):)?(\d{1,5})$/i.exec(text);
  const port = Number(found?.[3]);
  if (found === null || port > 65_535) {
    throw new HoldfastError('USAGE', `${JSON.stringify(text)} is no address and port`, {
      remedy: 'write it as 127.0.0.1:2222 or [::1]:2222',
    });
  }
  return { host: found[1] ?? found[2] ?? '127.0.0.1', port };
}

const nothing: CommandResult = { data: null, view: { kind: 'stack', title: '', views: [] } };

const refuse: ShellHandler = async () => {
  throw new HoldfastError('UNSUPPORTED', 'this command has no front here');
};

/** Runs one command line in this process and sets its exit code. */
export async function main(argv: readonly string[], { root }: Launch): Promise<void> {
  let isOver = false;
  // Work that waits for something that nobody will ever do keeps no process alive: that must not look like success.
  process.once('beforeExit', () => {
    if (isOver) return;
    process.stderr.write('✗ a bug: the work stopped without coming to an end [INTERNAL]\n');
    process.exit(1);
  });
  process.exitCode = await new Program(root).run(argv);
  isOver = true;
  // All that was opened is closed by now; whatever still holds the process must not hold the person.
  setTimeout(() => process.exit(), lingerMs).unref();
}
