/**
 * A program of its own, run by a watchdog: thaws a guest through its agent's socket. It imports nothing but Node, so that it works
 * from wherever it lies. Argument: the socket. Ends with 0 when the guest is thawed, 3 when there is no guest any more, 1 to be tried again.
 */
import { connect } from 'node:net';

const limitMs = 8_000;
const mostBytes = 1024 * 1024;
const socket = connect({ path: process.argv[2] ?? '' });
const id = 1 + (process.pid % 2 ** 30);
let heard = Buffer.alloc(0);
let asked: 'sync' | 'thaw' | 'status' = 'sync';

const end = (code: 0 | 1 | 3): void => {
  socket.destroy();
  process.exit(code);
};
const ask = (execute: string, args?: object): void => {
  socket.write(`${JSON.stringify({ execute, ...(args === undefined ? {} : { arguments: args }) })}\n`);
};

setTimeout(() => end(1), limitMs);
socket.on('connect', () => {
  socket.write(Buffer.from([0xff]));
  ask('guest-sync-delimited', { id });
});
socket.on('error', (error: NodeJS.ErrnoException) => {
  end(error.code === 'ENOENT' || error.code === 'ECONNREFUSED' ? 3 : 1);
});
socket.on('close', () => end(1));
socket.on('data', (bytes) => {
  heard = Buffer.concat([heard, bytes]);
  if (heard.length > mostBytes) return end(1);
  const sentinel = heard.lastIndexOf(0xff);
  if (sentinel >= 0) heard = heard.subarray(sentinel + 1);
  for (;;) {
    const newline = heard.indexOf(0x0a);
    if (newline < 0) return undefined;
    const line = heard.subarray(0, newline).toString('utf8');
    heard = heard.subarray(newline + 1);
    take(line);
  }
});

function take(line: string): void {
  let answer: { readonly return?: unknown; readonly error?: unknown };
  try {
    answer = JSON.parse(line) as typeof answer;
  } catch {
    return;
  }
  if (asked === 'sync') {
    if (answer.return !== id) return;
    asked = 'thaw';
    ask('guest-fsfreeze-thaw');
  } else if (asked === 'thaw') {
    asked = 'status';
    ask('guest-fsfreeze-status');
  } else {
    end(answer.return === 'thawed' ? 0 : 1);
  }
}
