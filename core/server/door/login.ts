import { setTimeout as wait } from 'node:timers/promises';
import type { AuthContext, AuthenticationType, KeyboardAuthContext, PublicKeyAuthContext } from 'ssh2';
import type { Access, User } from '../../shell/access/contract.ts';
import { fingerprintOf } from '../host-key.ts';
import type { Limits } from '../limits.ts';
import { knownKey, provesKey } from './known-keys.ts';
import type { Penalties } from './penalties.ts';

/** What a login needs to know of the server and of its connection. */
export interface LoginParts {
  readonly access: Access;
  readonly limits: Limits;
  readonly penalties: Penalties;
  /** What counts as the client's address. */
  readonly address: string;
  verifyTotp(user: string, code: string): Promise<boolean>;
  /** Writes the login down. What it throws refuses the login. */
  accepted(user: User, facts: { readonly key: string; readonly totp: boolean }): Promise<void>;
  failed(): void;
  /** The first of two factors was given. */
  halfway(): void;
  /** Too many failures. */
  hangUp(): void;
  /** A failure of ours. */
  broken(error: unknown): void;
}

/** As many wrong codes of one user, however many connections they came over, and no more are looked at for a while. */
const wrongCodes = 10;
const namePattern = /^[^\p{Cc}]{1,64}$/u;
const codePattern = /^\d{6,8}$/;

/** Decides on one connection's attempts to log in: a public key, then a one-time password where the user has one. */
export class Login {
  readonly #parts: LoginParts;
  #tries = 0;
  #offers = 0;
  #asked = 0;
  #isOver = false;
  /** Whoever has shown their key and still owes a code. */
  #half: { readonly user: User; readonly key: string } | null = null;
  /** The name that was last tried, for the audit log. */
  name = '';

  constructor(parts: LoginParts) {
    this.#parts = parts;
  }

  get tries(): number {
    return this.#tries;
  }

  get offers(): number {
    return this.#offers;
  }

  async handle(context: AuthContext): Promise<void> {
    // The line is being hung up.
    if (this.#isOver) return;
    this.name = context.username;
    try {
      if (context.method === 'publickey') await this.#key(context);
      else if (context.method === 'keyboard-interactive') await this.#code(context);
      // The way to ask which methods there are.
      else if (context.method === 'none' && this.#asked++ === 0) context.reject(this.#methods());
      else await this.#fail(context, 'try');
    } catch (error) {
      this.#parts.broken(error);
      await this.#fail(context, 'try');
    }
  }

  async #key(context: PublicKeyAuthContext): Promise<void> {
    const user = await this.#user(context.username);
    const key = user === null ? null : knownKey(user.keys, context.key);
    if (user === null || key === null) return this.#fail(context, context.signature === undefined ? 'offer' : 'try');
    const { signature, blob, hashAlgo } = context;
    // Asks whether this key would do.
    if (signature === undefined || blob === undefined) return context.accept();
    if (!provesKey(key, { signature, blob, hashAlgo })) return this.#fail(context, 'try');
    const fingerprint = fingerprintOf(context.key.data);
    if (!user.totp) return this.#accept(context, user, fingerprint);
    this.#half = { user, key: fingerprint };
    this.#parts.halfway();
    return context.reject(this.#methods(), true);
  }

  async #code(context: KeyboardAuthContext): Promise<void> {
    const half = this.#half;
    if (half === null || half.user.name !== context.username) return this.#fail(context, 'try');
    const code = await askCode(context);
    // The client has begun something else meanwhile.
    if (code === null) return;
    const { penalties } = this.#parts;
    const who = `code of ${half.user.name}`;
    const isLooked = penalties.score(who) < wrongCodes && codePattern.test(code);
    if (isLooked && (await this.#parts.verifyTotp(half.user.name, code))) {
      return this.#accept(context, half.user, half.key);
    }
    penalties.failed(who);
    return this.#fail(context, 'try');
  }

  async #accept(context: AuthContext, user: User, key: string): Promise<void> {
    await this.#parts.accepted(user, { key, totp: user.totp });
    context.accept();
  }

  async #fail(context: AuthContext, kind: 'try' | 'offer'): Promise<void> {
    const { limits, penalties, address } = this.#parts;
    if (kind === 'try') this.#tries += 1;
    else this.#offers += 1;
    this.#parts.failed();
    const delayMs = penalties.delayMs(address);
    if (kind === 'try') penalties.failed(address);
    if (delayMs > 0) await wait(delayMs, undefined, { ref: false });
    this.#isOver = this.#tries >= limits.triesPerConnection || this.#offers >= limits.offersPerConnection;
    if (this.#isOver) this.#parts.hangUp();
    else context.reject(this.#methods());
  }

  #methods(): AuthenticationType[] {
    return this.#half === null ? ['publickey'] : ['keyboard-interactive'];
  }

  async #user(name: string): Promise<User | null> {
    return namePattern.test(name) ? this.#parts.access.user(name) : null;
  }
}

function askCode(context: KeyboardAuthContext): Promise<string | null> {
  return new Promise((resolve) => {
    context.prompt([{ prompt: 'One-time password: ', echo: false }], 'Holdfast', (answers: unknown) => {
      if (!Array.isArray(answers)) resolve(null);
      else resolve(typeof answers[0] === 'string' ? answers[0].replaceAll(/\s/g, '') : '');
    });
  });
}
