import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { newKeyPair } from '../../../core/server/key-pair.ts';
import { runFakeCommand } from '../../server/fakes.ts';
import { RunningServer, until } from '../../server/running-server.ts';
import { ended, missing, OpenSsh } from './open-ssh.ts';

/** The part of node-pty that is used; its own types do not bear its name here. */
interface Pty {
  onData(listener: (text: string) => void): void;
  onExit(listener: (end: { exitCode: number }) => void): void;
  write(text: string): void;
  resize(columns: number, rows: number): void;
  kill(signal: string): void;
}
const { spawn: spawnPty } = createRequire(import.meta.url)('node-pty') as {
  spawn(program: string, args: readonly string[], options: object): Pty;
};

const noSsh = missing('ssh');
if (noSsh !== null) console.warn(`left out: commands and workbench through OpenSSH: ${noSsh}`);
const withSsh = test.skipIf(noSsh !== null);

/** A terminal with a program in it. */
class Terminal {
  text = '';
  readonly exit: Promise<number>;
  readonly #pty: Pty;

  constructor(program: string, args: readonly string[], cols = 100, rows = 30) {
    this.#pty = spawnPty(program, [...args], {
      cols,
      rows,
      name: 'xterm-256color',
      env: { PATH: process.env.PATH ?? '', TERM: 'xterm-256color' },
    });
    this.#pty.onData((text) => {
      this.text += text;
    });
    this.exit = new Promise((resolve) => this.#pty.onExit(({ exitCode }) => resolve(exitCode)));
  }

  type(text: string): void {
    this.#pty.write(text);
  }

  resize(cols: number, rows: number): void {
    this.#pty.resize(cols, rows);
  }

  kill(signal: string): void {
    this.#pty.kill(signal);
  }

  /** Waits until this was shown; a program that ends before never shows it. */
  async shows(text: string): Promise<void> {
    let code: number | null = null;
    void this.exit.then((ended) => {
      code = ended;
    });
    await until(() => code !== null || this.text.includes(text));
    if (!this.text.includes(text)) throw new Error(`ended with ${code} without ${text}: ${this.text}`);
  }
}

withSsh('a command over ssh has its own streams and exit code, and words come as they were quoted', async () => {
  await using running = await RunningServer.start();
  const key = await running.addUser('ann', ['operator']);
  const client = await OpenSsh.for(running);
  const echoed = await client.ssh('ann', key, ['holdfast', 'echo', "'web (old)'", '"$HOME"', '*', ';', 'rm']);
  expect(echoed).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(echoed.stdout.toString())).toEqual(['web (old)', '$HOME', '*', ';', 'rm']);
  expect(await client.ssh('ann', key, ['fail'])).toMatchObject({ code: 7, stderr: '✗ it failed\n' });
  const input = Buffer.alloc(3_000_000, 'line of input\n');
  const cat = await client.ssh('ann', key, ['cat'], input);
  expect(cat.code).toBe(0);
  expect(cat.stdout.equals(input)).toBe(true);
});

withSsh('keys are exchanged anew in the middle of much output', async () => {
  await using running = await RunningServer.start();
  const key = await running.addUser('ann', ['operator']);
  const client = await OpenSsh.for(running);
  const input = Buffer.alloc(8_000_000, 'x');
  const cat = await client.ssh('ann', key, ['cat'], input, ['RekeyLimit=1M']);
  expect(cat).toMatchObject({ code: 0, stderr: '' });
  expect(cat.stdout.equals(input)).toBe(true);
});

withSsh('a key that is not known is refused', async () => {
  await using running = await RunningServer.start();
  await running.addUser('ann', ['operator']);
  const stranger = running.path('stranger.key');
  await writeFile(stranger, newKeyPair().private, { mode: 0o600 });
  const client = await OpenSsh.for(running);
  const refused = await client.ssh('ann', stranger, ['who']);
  expect(refused).toMatchObject({ code: 255, stderr: expect.stringContaining('Permission denied (publickey)') });
});

withSsh.each([
  ['compression', ['Compression=yes'], true],
  ['a cipher that is not offered', ['Ciphers=chacha20-poly1305@openssh.com'], false],
  ['a key exchange that is not offered', ['KexAlgorithms=diffie-hellman-group-exchange-sha256'], false],
  ['an environment', ['SetEnv=LD_PRELOAD=/x'], true],
  ['the agent and X11', ['ForwardAgent=yes', 'ForwardX11=yes'], true],
])('a client that wants %s is served without it or not at all', async (_what, more, isServed) => {
  await using running = await RunningServer.start();
  const key = await running.addUser('ann', ['operator']);
  const client = await OpenSsh.for(running);
  const result = await client.ssh('ann', key, ['who'], '', more);
  expect(result.code).toBe(isServed ? 0 : 255);
});

withSsh('ports and sockets are not forwarded', async () => {
  await using running = await RunningServer.start();
  const key = await running.addUser('ann', ['operator']);
  const client = await OpenSsh.for(running);
  const through = await client.ssh('ann', key, [], '', [`StdioForward=127.0.0.1:${running.port}`]);
  expect(through.code).not.toBe(0);
  expect(through.stdout.toString()).not.toContain('SSH-2.0');
  const back = await client.ssh('ann', key, ['who'], '', ['RemoteForward=0 127.0.0.1:1', 'ExitOnForwardFailure=yes']);
  expect(back.code).toBe(255);
});

withSsh('a terminal over ssh shows the workbench, follows its window and is given back', async () => {
  await using running = await RunningServer.start();
  const key = await running.addUser('ann', ['viewer']);
  const client = await OpenSsh.for(running);
  const terminal = new Terminal('ssh', [...client.options(key), '-p', `${running.port}`, 'ann@127.0.0.1']);
  await terminal.shows('hello ann');
  await terminal.shows('[100x30 256]');
  terminal.resize(120, 40);
  await terminal.shows('[120x40 256]');
  terminal.type('keys');
  await terminal.shows('typed keys');
  terminal.type('q');
  expect(await terminal.exit).toBe(0);
  expect(terminal.text).toContain('\u001b[?1049l');
});

withSsh(
  '`ssh -t host holdfast` opens the workbench too, and a command in a terminal ends its lines as one needs',
  async () => {
    await using running = await RunningServer.start();
    const key = await running.addUser('ann', ['viewer']);
    const client = await OpenSsh.for(running);
    const where = ['-p', `${running.port}`, 'ann@127.0.0.1'];
    const bench = new Terminal('ssh', ['-t', ...client.options(key), ...where, 'holdfast']);
    await bench.shows('hello ann');
    bench.type('q');
    expect(await bench.exit).toBe(0);
    const waiting = new Terminal('ssh', ['-t', ...client.options(key), ...where, 'wait']);
    await waiting.shows('waiting\r\n');
    waiting.type('\u0003');
    expect(await waiting.exit).toBe(130);
  },
);

withSsh('a one-time password is asked for after the key', async () => {
  await using running = await RunningServer.start();
  const key = await running.addUser('ann', ['viewer'], true);
  const client = await OpenSsh.for(running);
  const right = new Terminal('ssh', [...client.options(key), '-p', `${running.port}`, 'ann@127.0.0.1']);
  await right.shows('One-time password:');
  right.type('123456\r');
  await right.shows('hello ann');
  expect(right.text).not.toContain('123456');
  right.type('q');
  expect(await right.exit).toBe(0);
  // Nobody is there to be asked.
  expect(await client.ssh('ann', key, ['who'])).toMatchObject({ code: 255 });
});

withSsh.each(['SIGKILL', 'SIGTERM', 'SIGHUP'])(
  'a client that ends by %s takes its session with it, whatever it was doing',
  async (signal) => {
    let begun = 0;
    const codes: number[] = [];
    await using running = await RunningServer.start({
      execute: async (...given) => {
        begun += 1;
        const code = await runFakeCommand(...given);
        codes.push(code);
        return code;
      },
    });
    const key = await running.addUser('ann', ['operator']);
    const client = await OpenSsh.for(running);
    const terminal = new Terminal('ssh', [...client.options(key), '-p', `${running.port}`, 'ann@127.0.0.1']);
    await terminal.shows('hello ann');
    const command = client.start('ssh', [...client.options(key), '-p', `${running.port}`, 'ann@127.0.0.1', 'wait']);
    const over = ended(command, '');
    await until(() => begun === 1);
    terminal.kill(signal);
    command.kill(signal as NodeJS.Signals);
    await terminal.exit;
    await over;
    await until(() => running.server.sessions.list().length === 0);
    await until(() => codes.length === 1);
    expect(codes).toEqual([130]);
    await until(() => running.audit.of('logout').length === 2);
    expect(await client.ssh('ann', key, ['who'])).toMatchObject({ code: 0 });
  },
);

withSsh('a stopped client holds little in the server, and goes on when it goes on', async () => {
  await using running = await RunningServer.start();
  const key = await running.addUser('ann', ['viewer']);
  const client = await OpenSsh.for(running);
  const terminal = new Terminal('ssh', [...client.options(key), '-p', `${running.port}`, 'ann@127.0.0.1'], 200, 60);
  await terminal.shows('hello ann');
  const [bench] = running.benches;
  if (bench === undefined) throw new Error('no workbench');
  terminal.kill('SIGSTOP');
  let most = 0;
  for (let round = 0; round < 1000; round++) {
    bench.flood(2);
    most = Math.max(most, bench.tty.pendingBytes);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(bench.skipped).toBeGreaterThan(0);
  expect(most).toBeLessThan(256 * 1024);
  const drained = new Promise<void>((resolve) => bench.tty.onDrain(resolve));
  terminal.kill('SIGCONT');
  await drained;
  terminal.type('q');
  expect(await terminal.exit).toBe(0);
});

withSsh('a server that stops gives the terminal back and says why, however much is still to be shown', async () => {
  await using running = await RunningServer.start({
    openWorkbench: (tty) => {
      tty.write('hello');
      const ended = new Promise<void>((resolve) => tty.onClose(resolve));
      return { ended, close: () => tty.write(`${'much '.repeat(100_000)}given back`), text: () => '' };
    },
  });
  const key = await running.addUser('ann', ['viewer']);
  const client = await OpenSsh.for(running);
  const terminal = new Terminal('ssh', [...client.options(key), '-p', `${running.port}`, 'ann@127.0.0.1']);
  await terminal.shows('hello');
  await running.server.close();
  await terminal.exit;
  expect(terminal.text).toContain('given back');
  expect(terminal.text).toContain('the server stops');
});
