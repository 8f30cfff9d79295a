import { spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { HoldfastError } from '@holdfast/api';
import { watchdogArgv } from './watchdog-script.ts';

/** A process that thaws a guest when its holder cannot. */
export interface Watchdog {
  /** The guest is thawed: the watchdog ends and leaves nothing. */
  thawed(): void;
  /** Lets the watchdog thaw, at once. It goes on until the guest is thawed or gone. */
  act(): void;
}

/** Input and output of a watchdog that was started: a local process, or a channel of an SSH link. */
export interface WatchdogPipes {
  readonly input: Writable;
  readonly output: Readable;
}

const readyMs = 10_000;

/**
 * Waits until a watchdog that was started says that it is ready. Nothing may be frozen before.
 * @throws `QUIESCE_UNAVAILABLE` when it does not.
 */
export async function holdWatchdog(pipes: WatchdogPipes, title: string): Promise<Watchdog> {
  const { input, output } = pipes;
  // It may be gone when it is told that it may go.
  input.on('error', () => {});
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const fail = (why: string): void =>
    reject(
      new HoldfastError('QUIESCE_UNAVAILABLE', `${title} is not frozen: no watchdog that would thaw it: ${why}`, {
        remedy: 'see that `sh` can be started where the watchdog runs, or ask for `quiesce: none`',
        facts: { machine: title },
      }),
    );
  const timer = setTimeout(() => fail(`it was not ready within ${readyMs} ms`), readyMs);
  let heard = '';
  output.on('data', (bytes: Buffer | string) => {
    heard = (heard + String(bytes)).slice(-64);
    if (/(^|\n)ready\r?\n/.test(heard)) resolve();
  });
  output.on('error', () => fail('its output broke'));
  output.on('close', () => fail('it ended'));
  try {
    await promise;
  } catch (thrown) {
    // It was told of no freeze, so there is nothing to thaw.
    input.end('thawed\n');
    throw thrown;
  } finally {
    clearTimeout(timer);
  }
  return { thawed: () => input.end('thawed\n'), act: () => input.end() };
}

/**
 * Starts a watchdog on this machine, in a session of its own: it outlives this process, its group and its terminal.
 * @throws `QUIESCE_UNAVAILABLE` when it cannot be started.
 */
export async function startWatchdog(what: Parameters<typeof watchdogArgv>[0]): Promise<Watchdog> {
  const [program = 'sh', ...args] = watchdogArgv(what);
  const child = spawn(program, args, { detached: true, stdio: ['pipe', 'pipe', 'ignore'], cwd: '/' });
  const failed = new Promise<never>((_resolve, reject) => {
    child.once('error', (cause) =>
      reject(
        new HoldfastError('QUIESCE_UNAVAILABLE', `${what.title} is not frozen: ${program} cannot be started`, {
          cause,
        }),
      ),
    );
  });
  const watchdog = await Promise.race([holdWatchdog({ input: child.stdin, output: child.stdout }, what.title), failed]);
  // Neither it nor its pipes keep this process alive.
  child.unref();
  child.stdout.destroy();
  if ('unref' in child.stdin && typeof child.stdin.unref === 'function') child.stdin.unref();
  return watchdog;
}
