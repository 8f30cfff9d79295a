import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A mail as the server took it. */
export interface TakenMail {
  readonly mail: string;
  readonly to: readonly string[];
  readonly sender: string;
  readonly encrypted: boolean;
  readonly user: string | null;
}

/** A Python that has aiosmtpd; `undefined` where there is none. */
const python = ['python3', '/usr/bin/python3'].find((program) => {
  try {
    execFileSync(program, ['-c', 'import aiosmtpd'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
});

/** Whether a mail server that is not ours can be run here. */
export const hasMailServer = (): boolean => python !== undefined;

/** A mail server on loopback; it ends with the test. */
export async function startMailServer(
  args: readonly string[] = [],
): Promise<
  AsyncDisposable & { readonly port: number; readonly mails: readonly TakenMail[]; next(): Promise<TakenMail> }
> {
  const script = join(import.meta.dirname, 'smtp-server.py');
  const child = spawn(python ?? 'python3', ['-W', 'ignore', script, ...args], { stdio: ['pipe', 'pipe', 'ignore'] });
  const mails: TakenMail[] = [];
  let taken = 0;
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let wake: (() => void) | null = null;
  child.on('exit', () => reject(new Error('the mail server ended')));
  createInterface({ input: child.stdout }).on('line', (line) => {
    const said = JSON.parse(line) as TakenMail & { readonly port?: number };
    if (said.port !== undefined) return resolve(said.port);
    mails.push(said);
    wake?.();
  });
  return {
    port: await promise,
    mails,
    next: async () => {
      while (mails.length <= taken)
        await new Promise<void>((done) => {
          wake = done;
        });
      taken += 1;
      return mails[taken - 1] as TakenMail;
    },
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}
