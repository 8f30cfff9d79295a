import { userInfo } from 'node:os';
import { type Call, makeCall } from '@holdfast/api';
import type { OwnedSite, ShellCommand, Site } from '../shell/contract.ts';
import { executeCommand } from '../shell/registry/execute.ts';
import type { CommandRegistry } from '../shell/registry/registry.ts';
import { renderView } from '../shell/render/view.ts';
import { failureJson, failureLines, failureOf } from './failure.ts';
import { type GlobalOptions, splitGlobals } from './globals.ts';
import { Interrupt } from './interrupt.ts';
import { printJson } from './json.ts';
import { ignoreClosedPipes, styleFor, writeLines } from './output.ts';
import { ProgressLine } from './progress-line.ts';
import { understand } from './understand.ts';

/** What the wiring gives to this front. */
export interface CliParts {
  /** Folder of the package or checkout. */
  readonly root: string;
  readonly version: string;
  /** Commands of Holdfast itself; those of plugins are added when they are needed. */
  readonly registry: CommandRegistry;
  readonly openSite: (options: GlobalOptions, ask: Site['ask'], who: string) => OwnedSite;
  readonly now: () => number;
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

/** Runs one command line in this process and answers its exit code. Nothing is thrown. */
export async function runCli(argv: readonly string[], parts: CliParts): Promise<number> {
  const { stdout, stderr } = process;
  ignoreClosedPipes(stdout, stderr);
  const outStyle = styleFor(stdout, process.env, parts.now());
  const errStyle = styleFor(stderr, process.env, parts.now());
  const isJson = asksForJson(argv);
  const line = new ProgressLine(stderr, errStyle, isJson, parts.now);
  const tell = (): void => line.log('warn', 'stopping safely; press Ctrl-C again to quit at once');
  using interrupt = new Interrupt(tell, process.env.HOLDFAST_LAUNCHER_PID !== undefined, parts.now);
  try {
    const { globals, rest } = splitGlobals(argv);
    const who = userName();
    const ask = await askFor(interrupt, line);
    await using site = parts.openSite(globals, ask, who);
    const meaning = await understand(rest, parts, site, outStyle);
    if (meaning.kind === 'text') {
      await writeLines(stdout, meaning.lines);
      return 0;
    }
    const call = makeCall({
      signal: interrupt.signal,
      who,
      log: (level, message) => line.log(level, message),
      progress: (progress) => line.progress(progress),
    });
    return await runCommand(meaning.command, meaning.words, parts, site, call, async (result) => {
      line.clear();
      await writeLines(stdout, isJson ? [printJson(result.data)] : renderView(result.view, outStyle));
    });
  } catch (thrown) {
    line.clear();
    const failure = failureOf(thrown);
    if (isJson) await writeLines(stdout, [printJson(failureJson(failure))]);
    else await writeLines(stderr, failureLines(failure, errStyle));
    return failure.exit;
  }
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

async function runCommand(
  command: ShellCommand,
  words: readonly string[],
  parts: CliParts,
  site: Site,
  call: Call,
  print: (result: Awaited<ReturnType<typeof executeCommand>>) => Promise<void>,
): Promise<number> {
  const [{ runWithOclif }, { usageError }] = await Promise.all([import('./oclif-run.ts'), import('./usage-errors.ts')]);
  let exit = 0;
  let isParsed = false;
  try {
    await runWithOclif(command, words, parts, async ({ given }) => {
      isParsed = true;
      const result = await executeCommand(site, command, given, call);
      exit = result.partial === true ? 3 : 0;
      await print(result);
    });
  } catch (thrown) {
    throw isParsed ? thrown : usageError(thrown, command);
  }
  return exit;
}
