/** Wires the parts together: the only file that knows everything. */
import { readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { type CommandResult, HoldfastError } from '@holdfast/api';
import { type CliParts, type LineWish, runCli, runLine } from './cli/run-cli.ts';
import { builtInCommands } from './shell/commands/all.ts';
import type { ShellCommand, ShellHandler } from './shell/contract.ts';
import { frontDeclarations } from './shell/registry/front-commands.ts';
import { CommandRegistry } from './shell/registry/registry.ts';
import { quoted, type Surroundings, WiredSite } from './shell/site/wired-site.ts';

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
    throw new HoldfastError('UNSUPPORTED', `${site.programFolder} ${String(args.listen)} ${call.who} ${String(runLine)}`);
  };
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
