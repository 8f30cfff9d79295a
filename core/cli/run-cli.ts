import { userInfo } from 'node:os';
import { type Call, type CommandResult, HoldfastError, makeCall } from '@holdfast/api';
import type { Actor } from '../shell/access/contract.ts';
import type { OwnedSite, ShellCommand, Site } from '../shell/contract.ts';
import { executeCommand } from '../shell/registry/execute.ts';
import type { CommandRegistry } from '../shell/registry/registry.ts';
import type { TextStyle } from '../shell/render/text-style.ts';
import type { SiteWish } from '../shell/site/wired-site.ts';
import { type Failure, failureJson, failureLines, failureOf } from './failure.ts';
import { type GlobalOptions, splitGlobals } from './globals.ts';
import { Interrupt } from './interrupt.ts';
import { ignoreClosedPipes, type OutStream, styleFor, writeChunk, writeLines } from './output.ts';
import { readPlainly } from './plain-words.ts';
import { ProgressLine } from './progress-line.ts';
import { understand } from './understand.ts';

/** What the wiring gives to this front. */
export interface CliParts {
  /** Folder of the package or checkout. */
  readonly root: string;
  readonly version: string;
  /** Commands of Holdfast itself; those of plugins are added when they are needed. */
  readonly registry: CommandRegistry;
  readonly now: () => number;
}

/** What this front gives to the site that its command works on. */
export interface LineWish extends SiteWish {
  readonly globals: GlobalOptions;
  readonly log: Call['log'];
  /** Whether the command only takes a short look. Known when the first part is opened. */
  readonly isQuick: () => boolean;
}

/** Where a command line comes from and where its answer goes. */
export interface LineFront {
  readonly stdout: OutStream;
  readonly stderr: OutStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly actor: Actor;
  /** Aborting asks for a safe stop. */
  readonly signal: AbortSignal;
  /** Somebody who can be asked, if there is one. */
  readonly ask: (line: ProgressLine) => Promise<Site['ask']>;
  readonly openSite: (wish: LineWish) => OwnedSite;
  /** What no words at all mean. */
  readonly wordless: readonly string[];
}

const asksForJson = (words: readonly string[]): boolean => {
  const end = words.indexOf('--');
  return words.slice(0, end < 0 ? words.length : end).includes('--json');
};

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}

/** Runs one command line of this process and answers its exit code. Nothing is thrown. */
export async function runCli(
  argv: readonly string[],
  parts: CliParts,
  openSite: LineFront['openSite'],
): Promise<number> {
  const { stdin, stdout, stderr } = process;
  let line: ProgressLine | null = null;
  const tell = (): void => line?.log('warn', 'stopping safely; press Ctrl-C again to quit at once');
  using interrupt = new Interrupt(tell, process.env.HOLDFAST_LAUNCHER_PID !== undefined, parts.now);
  return await runLine(argv, parts, {
    stdout,
    stderr,
    env: process.env,
    actor: { name: userName(), roles: ['administrator', 'approver', 'auditor'], from: 'local', session: 'cli' },
    signal: interrupt.signal,
    ask: (shown) => {
      line = shown;
      return askFor(interrupt, shown);
    },
    openSite,
    wordless: stdin.isTTY === true && stdout.isTTY === true ? ['workbench'] : [],
  });
}

/** Only a person at a terminal can be asked. */
async function askFor(interrupt: Interrupt, line: ProgressLine): Promise<Site['ask']> {
  const { stdin, stderr } = process;
  if (stdin.isTTY !== true || stderr.isTTY !== true) return null;
  const { terminalAsk } = await import('./terminal-ask.ts');
  return terminalAsk({
    input: stdin,
    output: stderr,
    signal: interrupt.signal,
    onInterrupt: () => interrupt.press(),
    before: () => line.clear(),
  });
}

/** Runs one command line, wherever it comes from, and answers its exit code. Nothing is thrown. */
export async function runLine(argv: readonly string[], parts: CliParts, front: LineFront): Promise<number> {
  const { stdout, stderr, env, actor, signal } = front;
  ignoreClosedPipes(stdout, stderr);
  const outStyle = styleFor(stdout, env, parts.now());
  const errStyle = styleFor(stderr, env, parts.now());
  const isJson = asksForJson(argv);
  const line = new ProgressLine(stderr, errStyle, isJson, parts.now);
  // Once bytes of an export have gone to stdout, nothing else may.
  let answerTo: OutStream = stdout;
  try {
    const { globals, rest } = splitGlobals(argv);
    const ask = await front.ask(line);
    let isQuick = true;
    const out = async (bytes: Uint8Array): Promise<boolean> => {
      answerTo = stderr;
      return writeChunk(stdout, bytes);
    };
    const log: Call['log'] = (level, message) => line.log(level, message);
    await using site = front.openSite({ globals, actor, ask, out, log, isQuick: () => isQuick });
    const words = rest.length === 0 ? front.wordless : rest[0] === '--plain' ? ['workbench', ...rest] : rest;
    const meaning = await understand(words, parts, site, outStyle);
    if (meaning.kind === 'text') {
      await writeLines(stdout, meaning.lines);
      return 0;
    }
    isQuick = meaning.command.danger === 'read' && meaning.command.long !== true;
    const call = makeCall({ signal, who: actor.name, log, progress: (progress) => line.progress(progress) });
    const result = await runCommand(meaning.command, meaning.words, parts, site, call);
    line.clear();
    const failure = result.failure === undefined ? null : failureOf(failureIn(result.failure));
    const style = answerTo === stdout ? outStyle : errStyle;
    await writeLines(answerTo, isJson ? [await answerJson(result, failure)] : await answerText(result, style));
    if (failure !== null && !isJson) await writeLines(stderr, failureLines(failure, errStyle));
    return failure?.exit ?? (result.partial === true ? 3 : 0);
  } catch (thrown) {
    line.clear();
    const failure = failureOf(thrown);
    if (isJson) await writeLines(answerTo, [(await import('./json.ts')).printJson(failureJson(failure))]);
    else await writeLines(stderr, failureLines(failure, errStyle));
    return failure.exit;
  }
}

const failureIn = ({ code, message, remedy }: NonNullable<CommandResult['failure']>): HoldfastError =>
  new HoldfastError(code, message, remedy === undefined ? {} : { remedy });

/** The answer as one document; bad news stands beside what was found. */
async function answerJson({ data }: CommandResult, failure: Failure | null): Promise<string> {
  const { printJson } = await import('./json.ts');
  if (failure === null) return printJson(data);
  const isObject = typeof data === 'object' && data !== null && !Array.isArray(data);
  return printJson({ ...(isObject ? data : { answer: data }), ...failureJson(failure) });
}

async function answerText({ view }: CommandResult, style: TextStyle): Promise<readonly string[]> {
  const { renderView } = await import('../shell/render/view.ts');
  return renderView(view, style);
}

async function runCommand(
  command: ShellCommand,
  words: readonly string[],
  parts: CliParts,
  site: Site,
  call: Call,
): Promise<CommandResult> {
  const plain = readPlainly(command, words);
  if (plain !== null) return executeCommand(site, command, plain, call);
  const { parseLine } = await import('./oclif-run.ts');
  const given = await parseLine(command, words, parts).catch(async (thrown) => {
    const { usageError } = await import('./usage-errors.ts');
    throw usageError(thrown, command);
  });
  return executeCommand(site, command, given, call);
}
