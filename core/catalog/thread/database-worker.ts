import { parentPort, workerData } from 'node:worker_threads';
import { openSession } from '../sqlite/open-session.ts';
import type { AnswerMessage, CallMessage, CloseMessage, ThreadStart } from './messages.ts';
import { packThrown } from './thrown.ts';

// The database thread: the only place where SQLite is called, because it makes its caller wait.

if (parentPort === null) throw new Error('this module is the database thread of a catalog');
const port = parentPort;

const { file, busyTimeoutMs, now: startedAt } = workerData as ThreadStart;
let now = startedAt;

function attempt(id: number, work: () => unknown): boolean {
  let answer: AnswerMessage;
  try {
    answer = { id, value: work() };
  } catch (thrown) {
    answer = { id, thrown: packThrown(thrown) };
  }
  port.postMessage(answer);
  return 'value' in answer;
}

const isOpen = attempt(0, () => {
  const opened = openSession({ file, busyTimeoutMs, now: () => now });
  port.on('message', (message: CallMessage | CloseMessage) => {
    if ('close' in message) {
      attempt(0, () => opened.close());
      port.close();
      return;
    }
    now = message.now;
    attempt(message.id, () => opened.call(message.store, message.method, message.given));
  });
  return { site: opened.site, epoch: opened.epoch };
});
if (!isOpen) port.close();
