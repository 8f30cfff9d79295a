import { PassThrough } from 'node:stream';
import { openPlain } from '../../../core/terminal/plain/open.ts';
import { SmallDesk, type SmallDeskParts } from '../flows/small-desk.ts';

/** What came of a conversation. */
export interface Talk {
  readonly desk: SmallDesk;
  /** All that was said, and what was answered behind `> `. */
  readonly transcript: string;
  readonly code: number;
}

/** Holds a conversation in plain mode: sends lines as from a pipe and writes down what is said. */
export async function talk(parts: SmallDeskParts | SmallDesk, lines: readonly string[]): Promise<Talk> {
  const desk = parts instanceof SmallDesk ? parts : new SmallDesk(parts);
  const input = new PassThrough();
  const output = new PassThrough();
  let transcript = '';
  output.on('data', (chunk: Buffer) => {
    transcript += chunk.toString('utf8');
  });
  input.end(lines.map((line) => `${line}\n`).join(''));
  const code = await openPlain({ input, output, desk, signal: new AbortController().signal });
  return { desk, transcript, code };
}
