import { HoldfastError } from '@holdfast/api';

/** What a mail server answers: a number of three digits, and lines of text. */
export interface Answer {
  readonly code: number;
  readonly lines: readonly string[];
}

const mostLine = 2048;
const mostLines = 200;
/** Answers that nobody has asked for yet. */
const mostReady = 16;

/** Takes answers out of a stream of bytes. Bounded: a server that never ends a line, its answer, or its answers, is cut off. */
export class AnswerReader {
  #rest = '';
  #lines: string[] = [];
  readonly #ready: Answer[] = [];

  /** Whether bytes have come that belong to no answer that was taken. */
  get isEmpty(): boolean {
    return this.#rest === '' && this.#lines.length === 0 && this.#ready.length === 0;
  }

  /** @throws `NOTIFY_FAILED` for what is no answer of a mail server. */
  add(chunk: Uint8Array): void {
    this.#rest += Buffer.from(chunk).toString('latin1');
    for (let end = this.#rest.indexOf('\n'); end >= 0; end = this.#rest.indexOf('\n')) {
      const line = this.#rest.slice(0, end).replace(/\r$/, '');
      this.#rest = this.#rest.slice(end + 1);
      this.#take(line);
    }
    if (this.#rest.length > mostLine) throw strange('a line without end');
  }

  /** The next whole answer; `null` when it has not come yet. */
  next(): Answer | null {
    return this.#ready.shift() ?? null;
  }

  #take(line: string): void {
    const parts = /^([2-5]\d\d)(?:([ -])(.*))?$/.exec(line);
    if (parts === null || line.length > mostLine) throw strange('something that is no answer');
    const [, code, sign = ' ', text = ''] = parts;
    this.#lines.push(text);
    if (this.#lines.length > mostLines) throw strange('an answer without end');
    if (sign === '-') return;
    if (this.#ready.length >= mostReady) throw strange('more answers than it was asked for');
    this.#ready.push({ code: Number(code), lines: this.#lines });
    this.#lines = [];
  }
}

const strange = (what: string): HoldfastError =>
  new HoldfastError('NOTIFY_FAILED', `the mail server sent ${what}`, {
    remedy: 'see that host and port are those of an SMTP server, and that security is what it wants',
  });

/** An answer on one line, for people. */
export const wordsOf = ({ code, lines }: Answer): string =>
  `${code} ${lines.join(' ')}`
    .replaceAll(/[^\x20-\x7e]+/g, ' ')
    .slice(0, 300)
    .trim();

/** An answer without what the server must not repeat: some say the line again that they do not understand. */
export const withheld = ({ code, lines }: Answer, secrets: readonly string[]): Answer => ({
  code,
  lines: lines.map((line) =>
    secrets.filter((secret) => secret !== '').reduce((text, secret) => text.replaceAll(secret, '***'), line),
  ),
});
