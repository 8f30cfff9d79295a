import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createConnection, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readAddress } from '../../../../../plugins/hypervisors/kvm/src/ssh/address.ts';
import type { Host } from '../../../../../plugins/hypervisors/kvm/src/ssh/host.ts';
import { SshLink } from '../../../../../plugins/hypervisors/kvm/src/ssh/link.ts';
import { LocalHost } from '../../../../../plugins/hypervisors/kvm/src/ssh/local.ts';
import { RemoteHost } from '../../../../../plugins/hypervisors/kvm/src/ssh/remote.ts';
import { until } from '../../../../peers/guest/child.ts';
import { run } from '../../../../peers/guest/run.ts';
import { type Sshd, startSshd } from '../../../../peers/guest/sshd.ts';

const there = async (program: string): Promise<boolean> =>
  await run('/bin/sh', ['-c', `PATH=$PATH:/usr/sbin command -v ${program}`]).then(
    () => true,
    () => false,
  );

describe('a host behind SSH', { timeout: 60_000 }, () => {
  let folder: string;
  let sshd: Sshd;
  let sockets = 0;
  let missing: string | null = null;
  const opened: Host[] = [];

  beforeAll(async () => {
    if (!(await there('sshd'))) missing = 'no sshd here';
    else {
      folder = await mkdtemp('/tmp/hf-ssh-');
      sshd = await startSshd(join(folder, 'sshd'));
    }
  });
  afterAll(async () => {
    for (const host of opened) await host.close();
    await sshd?.close();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });
  beforeEach((ctx) => {
    if (missing !== null) ctx.skip(missing);
  });

  async function open(hostKey: string | null = sshd.hostKeyFingerprint, port = sshd.port): Promise<RemoteHost> {
    const key = await readFile(sshd.keyFile, 'utf8');
    const login = { address: readAddress(`${sshd.user}@127.0.0.1:${port}`), hostKey, key, password: null, agent: null };
    const host = new RemoteHost(new SshLink(login), async () => {
      sockets += 1;
      return join(folder, `${sockets}.sock`);
    });
    opened.push(host);
    return host;
  }

  test('that was not agreed to is not trusted, and its fingerprint is told', async () => {
    await expect((await open(null)).run(['id'])).rejects.toMatchObject({
      code: 'HOST_KEY_UNKNOWN',
      message: expect.stringContaining(sshd.hostKeyFingerprint),
      remedy: expect.stringContaining('hostKey'),
    });
  });

  test('that shows another key than the one that was agreed to is refused, and both are told', async () => {
    const agreed = `SHA256:${'A'.repeat(43)}`;
    const failed = (await open(agreed)).run(['id']);
    await expect(failed).rejects.toMatchObject({ code: 'HOST_KEY_CHANGED', message: expect.stringContaining(agreed) });
    await expect(failed).rejects.toMatchObject({ message: expect.stringContaining(sshd.hostKeyFingerprint) });
  });

  test('that nobody answers at, or that refuses the login, is unreachable', async () => {
    await expect((await open(undefined, 9)).run(['id'])).rejects.toMatchObject({ code: 'ENDPOINT_UNREACHABLE' });
    const key = await readFile(sshd.keyFile, 'utf8');
    const address = { user: 'nobody-here', host: '127.0.0.1', port: sshd.port };
    const link = new SshLink({ address, hostKey: sshd.hostKeyFingerprint, key, password: null, agent: null });
    await expect(link.client()).rejects.toMatchObject({
      code: 'ENDPOINT_UNREACHABLE',
      message: expect.stringContaining('refused'),
    });
    const broken = new SshLink({
      address,
      hostKey: sshd.hostKeyFingerprint,
      key: 'no key',
      password: null,
      agent: null,
    });
    await expect(broken.client()).rejects.toMatchObject({ code: 'ENDPOINT_UNREACHABLE' });
  });

  /** The same of a host here and of one behind SSH: what uses them need not know which it is. */
  const hosts: readonly [string, () => Promise<Host>][] = [
    ['here', async () => new LocalHost()],
    ['behind SSH', () => open()],
  ];

  test.each(hosts)('runs programs with their words, input and output unchanged: %s', async (_where, host) => {
    const words = ["it's", '$HOME `id`', 'a\nb', '', '"', '\\', 'ümlaut'];
    const done = await (await host()).run(['printf', '%s|', ...words]);
    expect(done).toEqual({ exitCode: 0, stdout: words.map((word) => `${word}|`).join(''), stderr: '' });
    const input = 'x'.repeat(300_000);
    expect((await (await host()).run(['cat'], { input })).stdout).toBe(input);
    expect(await (await host()).run(['sh', '-c', 'echo out; echo err >&2; exit 7'])).toEqual({
      exitCode: 7,
      stdout: 'out\n',
      stderr: 'err\n',
    });
    expect((await (await host()).run(['no-such-program-here'])).exitCode).toBe(127);
  });

  test.each(hosts)(
    'ends programs that take too long, say too much or are not wanted any more: %s',
    async (_where, host) => {
      const one = await host();
      await expect(one.run(['sleep', '30'], { timeoutMs: 200 })).rejects.toMatchObject({ code: 'TIMEOUT' });
      await expect(one.run(['yes'], { maxBytes: 10_000 })).rejects.toMatchObject({ code: 'ENDPOINT_UNREACHABLE' });
      await expect(one.run(['sleep', '30'], { signal: AbortSignal.timeout(200) })).rejects.toMatchObject({
        code: 'CANCELLED',
      });
      await expect(one.run(['id'], { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CANCELLED' });
    },
  );

  test.each(hosts)('tells lines as they come, and ends what tells them: %s', async (_where, host) => {
    const pidFile = join(folder, 'teller.pid');
    const running = await (await host()).start(
      ['sh', '-c', 'echo $$ > "$1"; while :; do echo line; sleep 0.05; done', 'x', pidFile],
      new AbortController().signal,
    );
    let lines = 0;
    for await (const line of running.lines) {
      expect(line).toBe('line');
      lines += 1;
      if (lines === 3) break;
    }
    await running[Symbol.asyncDispose]();
    const pid = Number(await readFile(pidFile, 'utf8'));
    await until(
      'it is gone',
      async () =>
        await stat(`/proc/${pid}`).then(
          () => false,
          () => true,
        ),
    );
  });

  test('more programs at a time than sshd allows sessions wait for each other', async () => {
    const host = await open();
    const done = await Promise.all(Array.from({ length: 40 }, (_, n) => host.run(['echo', String(n)])));
    expect(done.map(({ stdout }) => stdout.trim())).toEqual(Array.from({ length: 40 }, (_, n) => String(n)));
  });

  test('when the link is cut, what is under way fails, and the next use connects again', async () => {
    const host = await open();
    const running = host.run(['sleep', '30']);
    const failed = expect(running).rejects.toMatchObject({ code: 'ENDPOINT_UNREACHABLE' });
    await until('a session is there', async () => (await sshd.sessions()).length > 0);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await sshd.cut();
    await failed;
    expect((await host.run(['echo', 'again'])).stdout).toBe('again\n');
  });

  test('a socket of it is reached through the link: by its owner alone, with many connections, whole in both directions', async () => {
    const path = join(folder, 'echo.sock');
    const server: Server = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket));
    await new Promise<void>((resolve) => server.listen(path, resolve));
    await chmod(path, 0o600);
    try {
      const host = await open();
      await using reached = await host.reach(path);
      expect((await stat(reached.path)).mode & 0o777).toBe(0o600);
      const sent = Buffer.from(Array.from({ length: 3_000_000 }, (_, n) => (n * 31) % 251));
      const answers = await Promise.all(
        [1, 2, 3].map(async () => {
          const socket = createConnection({ path: reached.path, allowHalfOpen: true });
          socket.end(sent);
          return await buffer(socket);
        }),
      );
      expect(answers.every((answer) => answer.equals(sent))).toBe(true);
    } finally {
      server.close();
    }
  });

  test('a socket that is not there ends connections instead of leaving them open', async () => {
    const host = await open();
    await using reached = await host.reach(join(folder, 'nobody.sock'));
    const socket = createConnection({ path: reached.path });
    expect((await buffer(socket)).length).toBe(0);
  });

  test('a connection through the link ends when the link is cut', async () => {
    const path = join(folder, 'silent.sock');
    const server = createServer(() => {});
    await new Promise<void>((resolve) => server.listen(path, resolve));
    try {
      const host = await open();
      await using reached = await host.reach(path);
      const socket = createConnection({ path: reached.path });
      socket.on('error', () => {});
      const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
      socket.write('x');
      socket.resume();
      await until('a session is there', async () => (await sshd.sessions()).length > 0);
      await new Promise((resolve) => setTimeout(resolve, 300));
      await sshd.cut();
      await closed;
    } finally {
      server.close();
    }
  });

  test('a host whose key was changed is refused where the old one was agreed to', async () => {
    const home = join(folder, 'second');
    const first = await startSshd(home);
    const agreed = first.hostKeyFingerprint;
    await first.close();
    await rm(join(home, 'host_key'));
    await rm(join(home, 'host_key.pub'));
    await using second = await startSshd(home, { port: first.port });
    await writeFile(join(home, 'authorized_keys'), await readFile(join(home, 'user_key.pub')));
    await expect((await open(agreed, second.port)).run(['id'])).rejects.toMatchObject({ code: 'HOST_KEY_CHANGED' });
  });
});
