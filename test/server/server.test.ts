import { readFile, stat } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { patternBytes, runFakeCommand } from './fakes.ts';
import { RunningServer, Shown, until } from './running-server.ts';

test('a command line runs in the server with its streams and its exit code, and everything is written into the audit log', async () => {
  await using running = await RunningServer.start();
  await running.addUser('ann', ['operator']);
  await using ann = await running.connect('ann');
  expect(await ann.run(`holdfast echo 'a b' "c\\"d" e\\ f ''`)).toEqual({
    code: 0,
    stdout: '["a b","c\\"d","e f",""]\n',
    stderr: '',
  });
  expect(await ann.run('fail')).toEqual({ code: 7, stdout: '', stderr: '✗ it failed\n' });
  expect(await ann.run('cat', 'from the client')).toMatchObject({ code: 0, stdout: 'from the client' });
  expect(await ann.run('who')).toMatchObject({ stdout: 'ann operator 127.0.0.1\n' });
  expect(await ann.run("echo 'open")).toMatchObject({ code: 2, stderr: expect.stringContaining('a quote') });
  ann.client.end();
  await ann.closed;
  await until(() => running.audit.of('logout').length === 1);
  expect(running.audit.of('login')).toMatchObject([{ who: 'ann', from: '127.0.0.1', facts: { totp: false } }]);
});

test('a command that throws ends with a code, and the server goes on', async () => {
  await using running = await RunningServer.start();
  await running.addUser('ann', ['operator']);
  await using ann = await running.connect('ann');
  const { code, stderr } = await ann.run('throw');
  expect(code).toBe(1);
  expect(stderr).toContain('INTERNAL');
  expect(stderr).not.toContain('a bug in a command');
  expect(running.logged.join('\n')).toContain('a bug in a command');
  expect(await ann.run('echo on')).toMatchObject({ code: 0 });
});

test('a command whose client goes away is cancelled', async () => {
  const ended: number[] = [];
  let begun = 0;
  await using running = await RunningServer.start({
    execute: async (_words, _actor, { stdout, signal }) => {
      begun += 1;
      stdout.write('waiting\n');
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      ended.push(130);
      return 130;
    },
  });
  await running.addUser('ann', ['operator']);
  await using ann = await running.connect('ann');
  const channel = await new Promise<NodeJS.ReadableStream & { close(): void }>((resolve, reject) => {
    ann.client.exec('wait', (error, opened) => (error === undefined ? resolve(opened) : reject(error)));
  });
  await new Shown(channel).until('waiting');
  channel.close();
  await until(() => ended.length === 1);

  await using bob = await running.connect('ann');
  bob.run('wait').catch(() => {});
  await until(() => begun === 2);
  bob.client.destroy();
  await until(() => ended.length === 2);
});

test('both streams of a command arrive whole and in order however slowly the client reads', async () => {
  await using running = await RunningServer.start();
  await running.addUser('ann', ['operator']);
  await using ann = await running.connect('ann');
  const size = 6_000_000;
  const channel = await new Promise<import('ssh2').ClientChannel>((resolve, reject) => {
    ann.client.exec(`both ${size}`, (error, opened) => (error === undefined ? resolve(opened) : reject(error)));
  });
  const sums = [0, 0];
  for (const [index, stream] of [channel, channel.stderr].entries()) {
    stream.on('data', (bytes: Buffer) => {
      const at = sums[index] ?? 0;
      if (!bytes.equals(patternBytes(index, at, bytes.length))) throw new Error(`stream ${index} differs near ${at}`);
      sums[index] = at + bytes.length;
      stream.pause();
      setTimeout(() => stream.resume(), 1);
    });
  }
  const code = await new Promise((resolve) => channel.on('close', resolve));
  expect(code).toBe(0);
  await until(() => sums[0] === size && sums[1] === size);
});

test('a terminal opens the workbench, which sees keys, sizes and its end', async () => {
  await using running = await RunningServer.start();
  await running.addUser('ann', ['viewer']);
  await using ann = await running.connect('ann');
  const shell = await ann.shell({ cols: 100, rows: 30 });
  const shown = new Shown(shell);
  await shown.until('hello ann');
  await shown.until('[100x30 256]');
  shell.write('abc');
  await shown.until('typed abc');
  expect(running.server.sessions.list()).toMatchObject([
    { actor: { name: 'ann' }, columns: 100, rows: 30, observers: [] },
  ]);
  shell.setWindow(50, 0xffff_ffff, 0, 0);
  await shown.until('[512x50 256]');
  shell.write('q');
  const code = await new Promise((resolve) => shell.on('close', resolve));
  expect(code).toBe(0);
  expect(shown.text).toContain('bye');
  expect(running.server.sessions.list()).toEqual([]);
});

test('without a terminal there is the plain session, and its exit code', async () => {
  await using running = await RunningServer.start();
  await running.addUser('ann', ['viewer']);
  await using ann = await running.connect('ann');
  const shell = await ann.shell(false);
  const shown = new Shown(shell);
  await shown.until('plain ann');
  shell.end('hello\n');
  const code = await new Promise((resolve) => shell.on('close', resolve));
  expect(shown.text).toContain('you said hello');
  expect(code).toBe(4);
});

test('what is thrown in one workbench ends that session and no other', async () => {
  await using running = await RunningServer.start();
  await running.addUser('ann', ['viewer']);
  await using ann = await running.connect('ann');
  const other = new Shown(await ann.shell());
  await other.until('hello');
  const failing = await ann.shell();
  const shown = new Shown(failing);
  await shown.until('hello');
  failing.write('!');
  const code = await new Promise((resolve) => failing.on('close', resolve));
  expect(code).toBe(1);
  // The terminal was given back.
  expect(shown.text).toContain('\u001b[?1049l');
  expect(shown.text).toContain('INTERNAL');
  expect(running.logged.join('\n')).toContain('thrown while a key is handled');
  expect(running.server.sessions.list()).toHaveLength(1);
  expect(await ann.run('echo on')).toMatchObject({ code: 0 });
});

test.each([
  ['out of a timer', '?', 'uncaughtException'],
  ['in a promise', '%', 'unhandledRejection'],
] as const)(
  'what is thrown %s of one workbench ends that session when the process hears of it',
  async (_where, keyPressed, heardAs) => {
    await using running = await RunningServer.start();
    await running.addUser('ann', ['viewer']);
    await using ann = await running.connect('ann');
    const failing = await ann.shell();
    const shown = new Shown(failing);
    await shown.until('hello');
    const others = process.listeners(heardAs as 'uncaughtException') as unknown as ((error: unknown) => void)[];
    const blamed: boolean[] = [];
    process.removeAllListeners(heardAs);
    process.once(heardAs as 'uncaughtException', (error) => void blamed.push(running.server.blame(error)));
    try {
      failing.write(keyPressed);
      const code = await new Promise((resolve) => failing.on('close', resolve));
      expect(code).toBe(1);
    } finally {
      process.removeAllListeners(heardAs);
      for (const listener of others) process.on(heardAs as 'uncaughtException', listener);
    }
    expect(blamed).toEqual([true]);
    expect(running.logged.join('\n')).toContain('thrown later');
    expect(running.server.blame(new Error('of nobody'))).toBe(false);
    expect(await ann.run('echo on')).toMatchObject({ code: 0 });
  },
);

test('a client that does not read has at most one frame waiting in the server', async () => {
  await using running = await RunningServer.start();
  await running.addUser('ann', ['viewer']);
  await using ann = await running.connect('ann');
  const shell = await ann.shell({ cols: 200, rows: 60 });
  await new Shown(shell).until('hello');
  shell.removeAllListeners('data');
  shell.pause();
  const bench = running.benches[0];
  if (bench === undefined) throw new Error('no workbench');
  let most = 0;
  for (let round = 0; round < 300; round++) {
    bench.flood(3);
    most = Math.max(most, bench.tty.pendingBytes);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(bench.skipped).toBeGreaterThan(0);
  expect(most).toBeLessThan(256 * 1024);
  // Once it reads again, frames come again.
  const drained = new Promise<void>((resolve) => bench.tty.onDrain(resolve));
  shell.on('data', () => {});
  shell.resume();
  await drained;
  expect(bench.tty.pendingBytes).toBe(0);
});

test('a terminal whose client has gone is dead and harmless', async () => {
  await using running = await RunningServer.start();
  await running.addUser('ann', ['viewer']);
  const ann = await running.connect('ann');
  const shown = new Shown(await ann.shell());
  await shown.until('hello');
  ann.client.destroy();
  await until(() => running.server.sessions.list().length === 0);
  const bench = running.benches[0];
  bench?.flood(100);
  expect(bench?.tty.pendingBytes).toBe(0);
  expect(bench?.isClosed).toBe(true);
  await until(() => running.audit.of('logout').length === 1);
});

test('the host key is made once, for its owner only, and stays', async () => {
  await using running = await RunningServer.start();
  const file = running.path('data/ssh-host-key');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(running.server.fingerprint).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
  const before = await readFile(file, 'utf8');
  const { hostKey } = await import('../../core/server/host-key.ts');
  expect(await hostKey(running.path('data'))).toEqual({ privateKey: before, fingerprint: running.server.fingerprint });
});

test('no more than ten channels are open in one connection, and an eleventh is had once one is closed', async () => {
  await using running = await RunningServer.start();
  await running.addUser('ann', ['viewer']);
  await using ann = await running.connect('ann');
  const shells = await Promise.all(Array.from({ length: 10 }, () => ann.shell()));
  await expect(ann.shell()).rejects.toThrow();
  await expect(ann.run('echo more')).rejects.toThrow();
  shells[0]?.resume().write('q');
  await new Promise((resolve) => shells[0]?.on('close', resolve));
  const more = async (): Promise<number | null> => (await ann.run('echo more').catch(() => null))?.code ?? null;
  // The server has to hear that the client has closed it too.
  while ((await more()) !== 0) await new Promise((resolve) => setTimeout(resolve, 5));
});

test('a connection on which nothing happens is ended, one that works is not', async () => {
  await using running = await RunningServer.start({ limits: { idleMs: 150 } });
  await running.addUser('ann', ['viewer']);
  await using idle = await running.connect('ann');
  const shown = new Shown(await idle.shell());
  await using busy = await running.connect('ann');
  const waiting = busy.run('wait');
  await idle.closed;
  expect(shown.text).toContain('nothing happened for');
  expect(
    await Promise.race([waiting.then(() => 'ended'), new Promise((resolve) => setTimeout(resolve, 400, 'works'))]),
  ).toBe('works');
});

test('somebody who is no user any more can begin nothing new', async () => {
  await using running = await RunningServer.start();
  await running.addUser('ann', ['administrator']);
  await using ann = await running.connect('ann');
  await running.users.removeUser('ann');
  expect(await ann.run('who')).toMatchObject({ code: 5, stdout: '', stderr: expect.stringContaining('ACCESS_DENIED') });
  await ann.closed;
});

test('a server that stops lets commands come to their end, gives terminals back and closes', async () => {
  let begun = 0;
  const running = await RunningServer.start({
    execute: (...given) => {
      begun += 1;
      return runFakeCommand(...given);
    },
  });
  await running.addUser('ann', ['operator']);
  const ann = await running.connect('ann');
  const shown = new Shown(await ann.shell());
  await shown.until('hello');
  const waiting = ann.run('wait');
  await until(() => begun === 1);
  await running[Symbol.asyncDispose]();
  expect((await waiting).code).toBe(130);
  expect(shown.text).toContain('the server stops');
  await ann.closed;
  expect(running.audit.of('logout')).toHaveLength(1);
});

test('an address that cannot be listened on is a named failure', async () => {
  await using running = await RunningServer.start();
  const again = RunningServer.start({ listen: { host: '127.0.0.1', port: running.port } });
  await expect(again).rejects.toMatchObject({ code: 'SERVER_FAILED' });
});
