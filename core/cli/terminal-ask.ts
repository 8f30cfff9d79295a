import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { cancelled } from '@holdfast/api';
import { safeText } from '../model/text/safe-text.ts';
import type { Ask } from '../shell/contract.ts';

/** Streams of the terminal that is asked, and what to do at Ctrl-C. */
export interface AskOptions {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
  readonly signal: AbortSignal;
  /** Ctrl-C while a question is open. */
  readonly onInterrupt: () => void;
  /** Called before a question is written, so that a progress line can go. */
  readonly before: () => void;
}

/** Asks a person at the terminal. Questions go to stderr, so that the answer on stdout stays clean. */
export function terminalAsk(options: AskOptions): Ask {
  return {
    async text(question, { secret = false, fallback } = {}) {
      const shown = fallback === undefined || secret ? '' : ` [${safeText(fallback)}]`;
      const answer = await askLine(`${safeText(question)}${shown}: `, secret, options);
      return answer === '' && fallback !== undefined ? fallback : answer;
    },
    async confirm(question) {
      return /^y(es)?$/i.test((await askLine(`${safeText(question)} [y/N] `, false, options)).trim());
    },
  };
}

async function askLine(question: string, isSecret: boolean, options: AskOptions): Promise<string> {
  options.before();
  // Readline echoes what is typed; a secret is echoed into nothing.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: options.input, output: isSecret ? nowhere : options.output, terminal: true });
  reader.on('SIGINT', options.onInterrupt);
  if (isSecret) options.output.write(question);
  try {
    return await reader.question(isSecret ? '' : question, { signal: options.signal });
  } catch {
    throw cancelled('the question');
  } finally {
    reader.close();
    if (isSecret) options.output.write('\n');
  }
}
