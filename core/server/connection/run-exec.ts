import { PassThrough } from 'node:stream';
import { errorCodes, isHoldfastError } from '@holdfast/api';
import { safeText } from '../../model/text/safe-text.ts';
import { Outlet } from './outlet.ts';
import { splitLine } from './split-line.ts';
import type { ChannelWork } from './work.ts';

const interrupt = 0x03;
const endOfInput = 0x04;

/** The words of a command line after the name of the program, which may be left out. */
export function wordsOf(line: string): string[] {
  const words = splitLine(line);
  return words[0] === 'holdfast' ? words.slice(1) : words;
}

/** Runs a command line in this process, its streams over the channel. @param interrupted Called for Ctrl-C where the client has a terminal. */
export async function runExec(work: ChannelWork, line: string, interrupted: () => void): Promise<number> {
  const { channel, wire, gone, parts, actor, terminal } = work;
  const outlet = new Outlet(channel, wire, gone, terminal !== null);
  const stdin = openInput(work, interrupted);
  const busy = work.idle.work();
  try {
    const words = wordsOf(line);
    const io = { stdin, stdout: outlet.stdout, stderr: outlet.stderr, signal: gone };
    return await Promise.race([parts.options.execute(words, actor, io), work.blamed]);
  } catch (error) {
    // What a command throws has been told by whoever ran it; this is the rest.
    parts.options.log(isHoldfastError(error) ? 'info' : 'error', `${actor.session}: ${told(error)}`);
    if (!outlet.stderr.writableEnded && !gone.aborted) outlet.stderr.write(`✗ ${message(error)}\n`);
    return exitCodeOf(error);
  } finally {
    busy();
    await outlet.finish();
    stdin.destroy();
  }
}

export const exitCodeOf = (error: unknown): number =>
  isHoldfastError(error) ? errorCodes[error.code].exit : errorCodes.INTERNAL.exit;

/** A stream of its own: whoever ends or destroys it leaves the channel alone. */
export function openInput({ channel, idle, gone, terminal }: ChannelWork, interrupted: () => void): PassThrough {
  const stdin = new PassThrough({ highWaterMark: 64 * 1024 });
  stdin.on('error', () => {});
  channel.on('data', () => idle.touch());
  if (terminal === null) channel.pipe(stdin);
  else {
    channel.on('data', (bytes: Buffer) => {
      if (bytes.includes(interrupt)) interrupted();
      else if (bytes.includes(endOfInput)) stdin.end();
      else if (!stdin.writableEnded) stdin.write(bytes);
    });
  }
  gone.addEventListener('abort', () => stdin.end(), { once: true });
  return stdin;
}

function message(error: unknown): string {
  if (!isHoldfastError(error)) return 'a bug: the command failed; the log of the server has the details [INTERNAL]';
  return safeText(`${error.message} [${error.code}]${error.remedy === undefined ? '' : `: ${error.remedy}`}`);
}

const told = (error: unknown): string =>
  isHoldfastError(error) ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error);
