import { once } from 'node:events';
import { HoldfastError } from '@holdfast/api';
import type { Algorithms, Client, ClientChannel, ConnectConfig } from 'ssh2';
import type { SshAddress } from './address.ts';
import { addressText } from './address.ts';
import { fingerprintOf, hostKeyChanged, hostKeyKinds, hostKeyUnknown } from './host-key.ts';

/** How to log in. */
export interface SshLogin {
  readonly address: SshAddress;
  /** Fingerprint that was agreed to; without one no host is ever trusted. */
  readonly hostKey: string | null;
  readonly key: string | null;
  readonly password: string | null;
  /** Path of the agent's socket. */
  readonly agent: string | null;
}

/** Modern ones only; a chacha stream costs twice the time of AES where the processor knows it. */
const algorithms = {
  kex: [
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'ecdh-sha2-nistp521',
  ],
  cipher: ['aes256-gcm@openssh.com', 'aes128-gcm@openssh.com', 'chacha20-poly1305@openssh.com', 'aes256-ctr'],
  hmac: ['hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256-etm@openssh.com'],
  compress: ['none'],
} as const;

/** sshd opens ten sessions in a connection by default; forwarded sockets do not count. */
const mostSessions = 8;
/**
 * sshd counts a session until it comes to clear up, even when it has heard already that it is closed: it may refuse one that it has room for.
 * The first pause, and how often it is asked again; each pause is twice as long as the one before.
 */
const refused = { pauseMs: 20, tries: 7 } as const;

/**
 * One SSH connection that is made when it is needed, and made again when it was cut. Whatever was in flight then fails with
 * `ENDPOINT_UNREACHABLE`.
 */
export class SshLink {
  readonly title: string;
  readonly #login: SshLogin;
  #client: Promise<Client> | null = null;
  #isClosed = false;
  #sessions = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(login: SshLogin) {
    this.#login = login;
    this.title = addressText(login.address);
  }

  /**
   * Starts a program. The caller reads and ends the channel.
   * @param listen Called at once when it is open: how a short program has ended may come in the same packet, before a promise can tell.
   */
  async exec(command: string, listen: (channel: ClientChannel) => void = () => {}): Promise<ClientChannel> {
    await this.#session();
    try {
      for (let tries = 0; ; tries += 1) {
        // Asked for each time: the link may have been cut meanwhile.
        const client = await this.client();
        const channel = await this.#open(client, command, listen);
        if (channel !== null) return this.#watched(client, channel);
        if (tries === refused.tries)
          throw this.cut(
            null,
            'its SSH server opens no more sessions in this connection (`MaxSessions` in sshd_config)',
          );
        await new Promise((resolve) => setTimeout(resolve, refused.pauseMs * 2 ** tries));
      }
    } catch (thrown) {
      this.#sessionOver();
      throw thrown;
    }
  }

  /** Answers `null` when the server refuses to open a session: then nothing was started. */
  #open(client: Client, command: string, listen: (channel: ClientChannel) => void): Promise<ClientChannel | null> {
    return new Promise((resolve, reject) => {
      const lost = this.#onLost(client, reject);
      client.exec(command, (error, opened) => {
        lost();
        if (error === undefined) {
          listen(opened);
          resolve(opened);
        } else if (isRefusal(error)) resolve(null);
        else reject(this.cut(error));
      });
    });
  }

  #watched(client: Client, channel: ClientChannel): ClientChannel {
    const lost = this.#onLost(client, () => channel.destroy());
    channel.once('close', () => {
      lost();
      this.#sessionOver();
    });
    return channel;
  }

  /** Opens a connection to a unix socket of the host. */
  async forward(socket: string): Promise<ClientChannel> {
    const client = await this.client();
    return await new Promise((resolve, reject) => {
      const lost = this.#onLost(client, reject);
      client.openssh_forwardOutStreamLocal(socket, (error, channel) => {
        lost();
        if (error === undefined) resolve(channel);
        else reject(this.cut(error, `its socket ${socket} cannot be reached`));
      });
    });
  }

  /** @throws `ENDPOINT_UNREACHABLE`, `HOST_KEY_UNKNOWN`, `HOST_KEY_CHANGED` */
  client(): Promise<Client> {
    if (this.#isClosed) return Promise.reject(this.cut(new Error('it was closed')));
    this.#client ??= this.#connect().catch((thrown: unknown) => {
      this.#client = null;
      throw thrown;
    });
    return this.#client;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const client = await this.#client?.catch(() => null);
    this.#client = null;
    if (client === null || client === undefined) return;
    const gone = once(client, 'close').catch(() => {});
    client.end();
    const timer = setTimeout(() => client.destroy(), 1000);
    await gone;
    clearTimeout(timer);
  }

  cut(cause: unknown, what = 'the link was cut'): HoldfastError {
    const why = cause instanceof Error && cause.message !== '' ? `: ${cause.message.slice(0, 300)}` : '';
    return new HoldfastError('ENDPOINT_UNREACHABLE', `${this.title}: ${what}${why}`, {
      facts: { host: this.#login.address.host, port: this.#login.address.port },
      cause,
    });
  }

  /** Tries each kind of key that the host may have: only when none of them is the agreed one, it is another host. */
  async #connect(): Promise<Client> {
    const { hostKey } = this.#login;
    let first: string | null = null;
    for (const kinds of [hostKeyKinds.flat(), ...hostKeyKinds]) {
      const tried = await this.#try(kinds);
      if ('client' in tried) return tried.client;
      if (tried.seen === null) {
        // Without a kind that both know there is nothing to see: the next is tried.
        if (first === null) throw tried.error;
        continue;
      }
      if (hostKey === null) throw hostKeyUnknown(this.title, tried.seen);
      first ??= tried.seen;
    }
    throw hostKeyChanged(this.title, first ?? 'unknown', hostKey ?? 'none');
  }

  async #try(
    kinds: readonly string[],
  ): Promise<{ readonly client: Client } | { readonly seen: string | null; readonly error: HoldfastError }> {
    // Loaded when it is needed: endpoints on this machine start without it.
    const { default: ssh2 } = await import('ssh2');
    const client = new ssh2.Client();
    const { address, hostKey, key, password, agent } = this.#login;
    let seen: string | null = null;
    const config: ConnectConfig = {
      host: address.host,
      port: address.port,
      username: address.user,
      readyTimeout: 20_000,
      keepaliveInterval: 10_000,
      keepaliveCountMax: 3,
      algorithms: { ...algorithms, serverHostKey: kinds } as unknown as Algorithms,
      hostVerifier: (shown: Buffer): boolean => {
        const fingerprint = fingerprintOf(shown);
        if (fingerprint === hostKey) return true;
        seen = fingerprint;
        return false;
      },
      ...(key === null ? {} : { privateKey: key }),
      ...(password === null ? {} : { password }),
      ...(agent === null || key !== null ? {} : { agent }),
    };
    return await new Promise((resolve) => {
      client.once('ready', () => {
        client.setNoDelay(true);
        client.once('close', () => {
          this.#client = null;
        });
        resolve({ client });
      });
      // A connection reports an error and then closes; what comes after the first word of it changes nothing.
      client.on('error', (thrown) => {
        resolve({ seen, error: this.cut(thrown, reasonOf(thrown)) });
        client.destroy();
      });
      client.once('close', () => resolve({ seen, error: this.cut(null, 'it hung up before the login was over') }));
      try {
        client.connect(config);
      } catch (thrown) {
        // A key that cannot be read is found out here.
        resolve({ seen, error: this.cut(thrown, 'the login cannot be begun') });
      }
    });
  }

  #onLost(client: Client, tell: (why: HoldfastError) => void): () => void {
    const lost = (): void => tell(this.cut(null));
    client.once('close', lost);
    client.setMaxListeners(0);
    return () => client.off('close', lost);
  }

  async #session(): Promise<void> {
    if (this.#sessions >= mostSessions) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#sessions += 1;
  }

  /** The place goes straight to the next in line, if there is one. */
  #sessionOver(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#sessions -= 1;
    else next();
  }
}

/** Whether a channel was not opened (RFC 4254, 5.1: connect failed, resource shortage), rather than closed again. */
const isRefusal = (error: Error): boolean => 'reason' in error && (error.reason === 2 || error.reason === 4);

function reasonOf(thrown: unknown): string {
  const level = thrown instanceof Error && 'level' in thrown ? thrown.level : null;
  if (level === 'client-authentication') return 'the login was refused';
  if (level === 'client-timeout') return 'it does not answer';
  return 'no connection';
}
