import type { Readable } from 'node:stream';

const maxLine = 4096;
const maxLinesPerSecond = 50;

/** Hands on what a plugin prints, line by line; what is too much is dropped and counted. */
export function forwardOutput(from: Readable, line: (text: string) => void): void {
  let rest = '';
  let lines = 0;
  let dropped = 0;
  let second = 0;
  from.setEncoding('utf8');
  from.on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = (parts.pop() ?? '').slice(0, maxLine);
    for (const part of parts) {
      const now = Math.floor(performance.now() / 1000);
      if (now !== second) {
        if (dropped > 0) line(`(${dropped} lines were dropped: too many at once)`);
        second = now;
        lines = 0;
        dropped = 0;
      }
      lines += 1;
      if (lines <= maxLinesPerSecond) line(part.slice(0, maxLine));
      else dropped += 1;
    }
  });
  from.on('end', () => {
    if (rest !== '') line(rest);
  });
  from.on('error', () => {});
}
