import { StringDecoder } from 'node:string_decoder';
import { maxLineLength } from './asciicast.ts';

/** The lines of a stream, without their ends. A line that is too long is cut, and the rest of the stream with it. */
export async function* lines(stream: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of stream) {
    const parts = (rest + decoder.write(chunk)).split('\n');
    rest = parts.pop() ?? '';
    yield* parts;
    if (rest.length > maxLineLength) break;
  }
  if (rest !== '') yield rest.slice(0, maxLineLength + 1);
}
