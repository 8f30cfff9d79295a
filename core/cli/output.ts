import type { Writable } from 'node:stream';
import type { TextStyle } from '../shell/render/text-style.ts';

/** A stream that text is written to: `process.stdout`, or a channel to somebody far away. */
export type OutStream = Writable & { readonly isTTY?: boolean; readonly columns?: number };

type Environment = Readonly<Record<string, string | undefined>>;

const isSet = (value: string | undefined): boolean => value !== undefined && value !== '';

/** Colour only where a terminal reads it and nobody said no; `FORCE_COLOR` overrules the pipe, never NO_COLOR. */
function wantsColour(stream: OutStream, env: Environment): boolean {
  if (isSet(env.NO_COLOR)) return false;
  if (isSet(env.FORCE_COLOR)) return env.FORCE_COLOR !== '0';
  return stream.isTTY === true && env.TERM !== 'dumb';
}

/** How to draw for whoever reads a stream. */
export function styleFor(stream: OutStream, env: Environment, now: number): TextStyle {
  const isTerminal = stream.isTTY === true;
  return {
    columns: isTerminal ? Math.max(20, stream.columns || 80) : null,
    colour: wantsColour(stream, env),
    now: isTerminal ? now : null,
  };
}

/**
 * Writes lines and waits until the stream has taken them. A reader that has gone away (`| head`) is no error: what is left is dropped.
 */
export async function writeLines(stream: OutStream, lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return;
  await writeChunk(stream, `${lines.join('\n')}\n`);
}

/** Writes text or bytes and waits until the stream has taken them. Answers whether anybody still reads. */
export async function writeChunk(stream: OutStream, chunk: string | Uint8Array): Promise<boolean> {
  if (stream.destroyed || !stream.writable) return false;
  return new Promise((resolve) => stream.write(chunk, (error) => resolve(error === null || error === undefined)));
}

/** Lets a pipe that is closed on the other side end the output, not the program. */
export function ignoreClosedPipes(...streams: readonly OutStream[]): void {
  for (const stream of streams) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') throw error;
    });
  }
}
