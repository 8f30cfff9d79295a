import type { Ask } from '../../shell/contract.ts';
import type { Desk } from '../../shell/desk/contract.ts';
import type { LineReader } from './line-reader.ts';
import type { Speaker } from './speaker.ts';

/** Somebody wants to go back one question, or to leave; whoever asks does not go on. */
export class Leaving extends Error {
  readonly how: 'back' | 'quit';

  constructor(how: 'back' | 'quit') {
    super(how);
    this.how = how;
  }
}

/** What is asked, and what is said to somebody who types `?`. */
export interface Question {
  readonly text: string;
  readonly help: readonly string[];
  /** Taken when nothing is typed. */
  readonly fallback?: string;
  readonly secret?: boolean;
}

const everywhere =
  '`back` goes back one step, `quit` leaves. To give one of these words as an answer put a backslash before it.';

/** A conversation with one person: questions and answers, line by line. */
export class Session {
  readonly desk: Desk;
  readonly speaker: Speaker;
  readonly reader: LineReader;
  readonly signal: AbortSignal;

  constructor(desk: Desk, speaker: Speaker, reader: LineReader, signal: AbortSignal) {
    this.desk = desk;
    this.speaker = speaker;
    this.reader = reader;
    this.signal = signal;
  }

  /** Asks until there is an answer. @throws {Leaving} for `back`, `quit` and the end of the input. */
  async ask({ text, help, fallback, secret = false }: Question): Promise<string> {
    for (;;) {
      const shown = fallback === undefined || fallback === '' || secret ? '' : ` [${fallback}]`;
      await this.speaker.say(`${text}${shown}:`);
      const line = await (secret ? this.reader.nextSecret() : this.reader.next());
      if (line === null || this.speaker.isGone || this.signal.aborted) throw new Leaving('quit');
      const word = line.trim();
      if (word === 'quit' || word === 'back') throw new Leaving(word);
      if (word === '?') await this.speaker.say(...help, everywhere);
      else if (word === '' && fallback !== undefined) return fallback;
      else return word.startsWith('\\') ? word.slice(1) : word;
    }
  }

  /** Yes or no; whatever is neither is asked again. */
  async isAgreed(text: string): Promise<boolean> {
    for (;;) {
      const answer = await this.ask({ text: `${text} yes or no`, help: ['Type `yes` to do it, `no` to leave it.'] });
      if (/^y(es)?$/i.test(answer)) return true;
      if (/^no?$/i.test(answer) || answer === '') return false;
    }
  }

  /** How commands ask what is missing. */
  get asker(): Ask {
    return {
      text: async (text, { secret = false, fallback } = {}) =>
        this.ask({
          text,
          help: ['Asked for by the command that is at work.'],
          secret,
          ...(fallback === undefined ? {} : { fallback }),
        }),
      confirm: async (question) => this.isAgreed(question),
    };
  }
}

/** Does something; `back` in it comes back here, `quit` goes on up. */
export async function untilBack(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    if (!(thrown instanceof Leaving) || thrown.how !== 'back') throw thrown;
  }
}
