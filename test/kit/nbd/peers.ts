import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** Whether a program is on this machine. */
export function has(program: string): boolean {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => folder !== '' && existsSync(join(folder, program)));
}

/** What a test says when it cannot run: with the programs that are missing. */
export function missing(...programs: readonly string[]): string | null {
  const absent = programs.filter((program) => !has(program));
  return absent.length === 0 ? null : `no ${absent.join(' and no ')} here`;
}

/** A server of somebody else that runs. */
export interface Peer extends AsyncDisposable {
  readonly socket: string;
  readonly process: ChildProcess;
  /** As a power cut would end it. */
  kill(): Promise<void>;
  /** Runs it once more at the same socket. */
  again(): Promise<void>;
}

/** Starts a server that listens at the socket in its arguments, and waits until it does. */
export async function startPeer(program: string, args: (socket: string) => readonly string[]): Promise<Peer> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-nbd-'));
  const socket = join(folder, 'nbd.sock');
  let child = await run(program, args(socket), socket);
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  };
  return {
    socket,
    get process() {
      return child;
    },
    kill,
    again: async () => {
      await rm(socket, { force: true });
      child = await run(program, args(socket), socket);
    },
    [Symbol.asyncDispose]: async () => {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function run(program: string, args: readonly string[], socket: string): Promise<ChildProcess> {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr?.on('data', (text: Buffer) => {
    said = `${said}${text.toString()}`.slice(-2000);
  });
  for (let tries = 0; tries < 500; tries++) {
    if (child.exitCode !== null) break;
    if (existsSync(socket) && (await answers(socket))) return child;
    await wait(10);
  }
  child.kill('SIGKILL');
  throw new Error(`${program} does not run: ${said}`);
}

function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(socket);
    probe.on('data', () => {
      probe.destroy();
      resolve(true);
    });
    probe.on('error', () => resolve(false));
  });
}

/** nbdkit in the foreground. Its plugin, filters and settings are the arguments. */
export function nbdkit(...args: readonly string[]): Promise<Peer> {
  return startPeer('nbdkit', (socket) => ['-f', '--unix', socket, ...args]);
}

/** qemu-nbd for many connections that come and go. */
export function qemuNbd(...args: readonly string[]): Promise<Peer> {
  return startPeer('qemu-nbd', (socket) => ['--socket', socket, '--shared', '8', '--persistent', ...args]);
}

export function runProgram(program: string, args: readonly string[]): string {
  return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
