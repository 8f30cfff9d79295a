import { HoldfastError } from '@holdfast/api';
import type { Answer } from './answers.ts';
import { withheld, wordsOf } from './answers.ts';
import { Connection, type Server } from './connection.ts';

/** How one logs in. */
export interface Login {
  readonly user: string;
  readonly password: string;
}

/** What became of one recipient. */
export interface Recipient {
  readonly address: string;
  readonly state: 'accepted' | 'later' | 'never';
  /** The server's words. */
  readonly said: string;
}

/** How long a server may take to say goodbye. */
const goodbyeMs = 2_000;

const isGood = ({ code }: Answer): boolean => code >= 200 && code < 300;
const isForGood = ({ code }: Answer): boolean => code >= 500;

/** A conversation with a mail server that may take mails. */
export class MailSession implements AsyncDisposable {
  readonly #connection: Connection;

  private constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Greets, encrypts, logs in. Throws `NOTIFY_FAILED`, `NOTIFY_REFUSED`, `CANCELLED`. */
  static async open(server: Server, greeting: string, login: Login | null, signal: AbortSignal): Promise<MailSession> {
    const connection = await Connection.open(server, signal);
    try {
      let offers = await greet(connection, greeting);
      if (server.security === 'starttls') {
        if (!offers.has('STARTTLS'))
          throw new HoldfastError('NOTIFY_FAILED', `the mail server ${server.host} does not offer to encrypt`, {
            remedy: 'set security to tls, or see why it does not offer STARTTLS; nothing was sent',
          });
        const answer = await connection.say('STARTTLS');
        if (answer.code !== 220) throw connection.refusal('does not encrypt', answer);
        await connection.encrypt();
        offers = await greet(connection, greeting);
      }
      if (login !== null) await logIn(connection, offers.get('AUTH') ?? '', login);
      return new MailSession(connection);
    } catch (thrown) {
      connection[Symbol.dispose]();
      throw thrown;
    }
  }

  /** Names sender and recipients; some may be refused. Throws `NOTIFY_FAILED`, `NOTIFY_REFUSED` for the sender. */
  async address(from: string, to: readonly string[]): Promise<readonly Recipient[]> {
    const answer = await this.#connection.say(`MAIL FROM:<${from}>`);
    if (!isGood(answer)) throw this.#refusal(`does not take mail from ${from}`, answer);
    const recipients: Recipient[] = [];
    for (const address of to) {
      const heard = await this.#connection.say(`RCPT TO:<${address}>`);
      const state = isGood(heard) ? 'accepted' : isForGood(heard) ? 'never' : 'later';
      recipients.push({ address, state, said: wordsOf(heard) });
    }
    return recipients;
  }

  /** Sends the mail, as `stuffed` made it, to those who were accepted. */
  async send(data: string): Promise<void> {
    const ready = await this.#connection.say('DATA');
    if (ready.code !== 354) throw this.#refusal('does not take the mail', ready);
    const taken = await this.#connection.write(data);
    if (!isGood(taken)) throw this.#refusal('did not take the mail', taken);
  }

  /** Forgets whom it was told of. */
  async reset(): Promise<void> {
    await this.#connection.say('RSET');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Whether it says goodbye changes nothing: what it has taken, it has taken, and must not seem to be late for want of a word.
    const goodbye = setTimeout(() => this.#connection[Symbol.dispose](), goodbyeMs);
    await this.#connection.say('QUIT').catch(() => {});
    clearTimeout(goodbye);
    this.#connection[Symbol.dispose]();
  }

  #refusal(what: string, answer: Answer): HoldfastError {
    return this.#connection.refusal(what, answer, isForGood(answer) ? 'NOTIFY_REFUSED' : 'NOTIFY_FAILED');
  }
}

/** What the server offers, by keyword. */
async function greet(connection: Connection, name: string): Promise<ReadonlyMap<string, string>> {
  const answer = await connection.say(`EHLO ${name}`);
  if (!isGood(answer)) throw connection.refusal('does not answer EHLO', answer);
  return new Map(
    answer.lines.slice(1).map((line) => {
      const [keyword = '', ...rest] = line.split(/[ =]/);
      return [keyword.toUpperCase(), rest.join(' ').toUpperCase()];
    }),
  );
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** A password that is wrong may be put right: the notice is kept. */
async function logIn(connection: Connection, offered: string, { user, password }: Login): Promise<void> {
  const ways = offered.split(' ');
  const both = base64(`\0${user}\0${password}`);
  let answer: Answer;
  if (ways.includes('PLAIN')) answer = await connection.say(`AUTH PLAIN ${both}`);
  else if (ways.includes('LOGIN')) {
    answer = await connection.say('AUTH LOGIN');
    if (answer.code === 334) answer = await connection.say(base64(user));
    if (answer.code === 334) answer = await connection.say(base64(password));
  } else
    throw new HoldfastError('NOTIFY_FAILED', 'the mail server offers no way to log in that is known here', {
      remedy: 'let it offer PLAIN or LOGIN over an encrypted connection, or leave out user',
      facts: { offered: offered.slice(0, 200) },
    });
  if (answer.code !== 235)
    throw connection.refusal(`does not let ${user} log in`, withheld(answer, [both, base64(password), password]));
}
