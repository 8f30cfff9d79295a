import { connect, type Socket } from 'node:net';
import ssh2, { type AuthContext } from 'ssh2';
import { expect, test } from 'vitest';
import { countedAddress, plainAddress } from '../../core/server/door/address.ts';
import { Login } from '../../core/server/door/login.ts';
import { Penalties } from '../../core/server/door/penalties.ts';
import { type Waiting, WaitingRoom } from '../../core/server/door/waiting-room.ts';
import { newKeyPair } from '../../core/server/key-pair.ts';
import { defaultLimits } from '../../core/server/limits.ts';
import { KnownUsers } from './fakes.ts';
import { RunningServer, until } from './running-server.ts';

test('a key that is not known, an unknown name and a password are refused, and written down', async () => {
  await using running = await RunningServer.start();
  await running.addUser('ann', ['viewer']);
  const stranger = newKeyPair().private;
  await expect(running.connect('ann', { privateKey: stranger })).rejects.toThrow('authentication methods failed');
  await expect(running.connect('nobody', { privateKey: stranger })).rejects.toThrow('authentication methods failed');
  await expect(running.connect('eve', { password: 'guess' })).rejects.toThrow('authentication methods failed');
  await until(() => running.audit.of('login.refused').length === 2);
  expect(running.audit.of('login.refused')).toMatchObject([
    { who: 'ann', from: '127.0.0.1', facts: { tries: 0, keysOffered: 1 } },
    { who: 'nobody', from: '127.0.0.1' },
  ]);
  expect(running.audit.of('login')).toEqual([]);
});

test('passwords are never taken and end the connection after three', async () => {
  await using running = await RunningServer.start();
  let tries = 0;
  const client = new ssh2.Client();
  const closed = new Promise<void>((resolve) => client.on('close', () => resolve()));
  client.on('error', () => {});
  client.connect({
    host: '127.0.0.1',
    port: running.port,
    username: 'root',
    authHandler: (_left, _partial, next) => {
      tries += 1;
      next({ type: 'password', username: 'root', password: `guess ${tries}` });
    },
  });
  await closed;
  await until(() => running.audit.of('login.refused').length === 1);
  expect(running.audit.of('login.refused')).toMatchObject([
    { who: 'root', facts: { tries: 3, reason: 'too many failures' } },
  ]);
});

test('an RSA key logs in with SHA-2', async () => {
  await using running = await RunningServer.start();
  const { private: privateKey, public: publicKey } = ssh2.utils.generateKeyPairSync('rsa', { bits: 2048 });
  await running.users.saveUser({
    name: 'old',
    roles: ['viewer'],
    keys: ['not a key', publicKey],
    totp: false,
    addedAt: 0,
  });
  await using old = await running.connect('old', { privateKey });
  expect(await old.run('who')).toMatchObject({ stdout: 'old viewer 127.0.0.1\n' });
});

test('whoever has a one-time password needs both the key and the code', async () => {
  await using running = await RunningServer.start();
  await running.addUser('ann', ['administrator'], true);
  const { private: stranger } = newKeyPair();
  const asked: string[] = [];
  const login = (code: string, more: { readonly privateKey?: string } = {}) => {
    const client = new ssh2.Client();
    return new Promise<boolean>((resolve) => {
      client.on('keyboard-interactive', (_name, _text, _language, prompts, answer) => {
        asked.push(...prompts.map(({ prompt }) => prompt));
        answer([code]);
      });
      client.on('ready', () => {
        client.end();
        resolve(true);
      });
      client.on('error', () => {}).on('close', () => resolve(false));
      client.connect({
        host: '127.0.0.1',
        port: running.port,
        username: 'ann',
        privateKey: more.privateKey ?? running.keyOf('ann'),
        tryKeyboard: true,
      });
    });
  };
  expect(await login('123456')).toBe(true);
  expect(asked).toEqual(['One-time password: ']);
  expect(await login('654321')).toBe(false);
  expect(await login('')).toBe(false);
  // The code alone is worth nothing, and without the key is not even asked for.
  asked.length = 0;
  expect(await login('123456', { privateKey: stranger })).toBe(false);
  expect(asked).toEqual([]);
  expect(running.audit.of('login')).toMatchObject([{ facts: { totp: true } }]);
});

test('after ten wrong codes of one user not even the right one is looked at for a while', async () => {
  let looked = 0;
  let now = 0;
  const users = new KnownUsers();
  const { private: privateKey, public: publicKey } = newKeyPair();
  await users.saveUser({ name: 'ann', roles: ['viewer'], keys: [publicKey], totp: true, addedAt: 0 });
  const penalties = new Penalties(() => now);
  let accepted = 0;
  // Each try comes over a connection and from an address of its own.
  const attempt = async (code: string, from: string): Promise<void> => {
    const login = new Login({
      access: users,
      limits: defaultLimits,
      penalties,
      address: from,
      verifyTotp: async (_user, given) => {
        looked += 1;
        return given === '123456';
      },
      accepted: async () => {
        accepted += 1;
      },
      failed: () => {},
      halfway: () => {},
      hangUp: () => {},
      broken: (error) => {
        throw error;
      },
    });
    await login.handle(keyContext('ann', privateKey));
    await login.handle(codeContext('ann', code));
  };
  for (let round = 0; round < 15; round++) await attempt('000000', `10.0.0.${round}`);
  expect(looked).toBe(10);
  await attempt('123456', '10.0.1.1');
  expect(accepted).toBe(0);
  now = 200_000;
  await attempt('123456', '10.0.1.2');
  expect(accepted).toBe(1);
});

test('somebody with a key gets in while five hundred sockets are silent and fifty guess, all from their own address', async () => {
  await using running = await RunningServer.start();
  await running.addUser('ann', ['viewer']);
  const silent = Array.from({ length: 500 }, () => quiet(connect(running.port, '127.0.0.1')));
  const guessing = Array.from({ length: 50 }, () => new Guesser(running.port));
  await until(() => running.audit.of('login.refused').length >= 3);
  for (let round = 0; round < 3; round++) {
    await using ann = await running.connect('ann');
    expect(await ann.run('echo in')).toMatchObject({ code: 0 });
  }
  for (const guesser of guessing) guesser.stop();
  for (const socket of silent) socket.destroy();
  // Guessing does not fill the audit log.
  expect(running.audit.of('login.refused').length).toBeLessThan(30);
});

test('of one address ten wait to log in, of all a hundred, and a newcomer is let in', async () => {
  await using running = await RunningServer.start();
  const fromOne = Array.from({ length: 30 }, () => quiet(connect(running.port, '127.0.0.1')));
  await until(() => open(fromOne) === 10);
  const fromMany = Array.from({ length: 200 }, (_, index) =>
    quiet(connect({ port: running.port, host: '127.0.0.1', localAddress: `127.0.1.${1 + (index % 50)}` })),
  );
  await until(() => open([...fromOne, ...fromMany]) === 100);
  await running.addUser('ann', ['viewer']);
  await using ann = await running.connect('ann');
  expect(await ann.run('echo in')).toMatchObject({ code: 0 });
  for (const socket of [...fromOne, ...fromMany]) socket.destroy();
});

test('a socket that does not log in in time is closed', async () => {
  await using running = await RunningServer.start({ limits: { loginMs: 50 } });
  const socket = quiet(connect(running.port, '127.0.0.1'));
  await new Promise((resolve) => socket.on('close', resolve));
  expect(running.audit.all).toEqual([]);
});

test.each([
  ['nothing', ''],
  ['a line of a web browser', 'GET / HTTP/1.1\r\n\r\n'],
  ['an endless line', 'x'.repeat(100_000)],
  ['a header and noise', `SSH-2.0-x\r\n${'\xff'.repeat(50_000)}`],
  ['a header and a huge packet', 'SSH-2.0-x\r\n\x7f\xff\xff\xff\x00\x00'],
])('a client that sends %s harms nobody', async (_what, text) => {
  await using running = await RunningServer.start();
  await running.addUser('ann', ['viewer']);
  const socket = quiet(connect(running.port, '127.0.0.1'));
  socket.write(Buffer.from(text, 'latin1'));
  socket.end();
  await new Promise((resolve) => socket.on('close', resolve));
  await using ann = await running.connect('ann');
  expect(await ann.run('echo in')).toMatchObject({ code: 0 });
});

test('when the room is full, who has failed goes first, then who has come least far, then the oldest', () => {
  const room = new WaitingRoom({ waitingPerAddress: 3, waiting: 5 }, () => 0);
  const gone: string[] = [];
  const enter = (name: string, stage: number, hasFailed = false, address = '10.0.0.1'): Waiting => {
    const waiting = { address, stage, hasFailed, evict: () => void gone.push(name) };
    room.enter(waiting);
    return waiting;
  };
  enter('far', 2);
  enter('failed', 2, true);
  enter('silent', 0);
  enter('second', 0);
  enter('third', 0);
  expect(gone).toEqual(['failed', 'silent']);
  // Another address has room of its own until all of it is taken; then the most crowded gives way.
  enter('elsewhere', 0, false, '10.0.0.2');
  const there = enter('there', 0, false, '10.0.0.3');
  enter('last', 0, false, '10.0.0.4');
  expect(gone).toEqual(['failed', 'silent', 'second']);
  room.leave(there);
  expect(room.size).toBe(4);
});

test('whoever is on the way to log in is not sent away: a newcomer waits until one has failed, is in, or is stuck', () => {
  let now = 0;
  const room = new WaitingRoom({ waitingPerAddress: 2, waiting: 5 }, () => now);
  const said: string[] = [];
  const enter = (name: string, stage: number): Waiting => {
    const waiting = {
      address: '10.0.0.1',
      stage,
      hasFailed: false,
      movedAt: now,
      evict: () => void said.push(`${name} goes`),
      admitted: () => void said.push(`${name} comes`),
    };
    room.enter(waiting);
    return waiting;
  };
  const first = enter('first', 1);
  const second = enter('second', 2);
  enter('third', 0);
  enter('fourth', 0);
  expect(said.splice(0)).toEqual(['first comes', 'second comes']);
  first.hasFailed = true;
  room.moved();
  expect(said.splice(0)).toEqual(['first goes', 'third comes', 'third goes', 'fourth comes']);
  now = 3_000;
  enter('fifth', 0).stage = 1;
  enter('sixth', 0);
  expect(said).toEqual(['fourth goes', 'fifth comes', 'second goes', 'sixth comes']);
  room.leave(second);
});

test('each failure makes the next one wait longer, and time forgives', () => {
  let now = 0;
  const penalties = new Penalties(() => now);
  const delays = Array.from({ length: 12 }, () => {
    penalties.failed('10.0.0.1');
    return penalties.delayMs('10.0.0.1');
  });
  expect(delays).toEqual([0, 0, 0, 400, 800, 1600, 3200, 5000, 5000, 5000, 5000, 5000]);
  expect(penalties.delayMs('10.0.0.2')).toBe(0);
  now = 100_000;
  expect(penalties.delayMs('10.0.0.1')).toBe(0);
});

test('what is remembered of addresses is bounded', () => {
  const penalties = new Penalties(() => 0);
  for (let address = 0; address < 20_000; address++) penalties.failed(`10.${address}`);
  expect(penalties.score('10.0')).toBe(0);
  expect(penalties.score('10.19999')).toBe(1);
});

test.each([
  ['::ffff:10.1.2.3', '10.1.2.3', '10.1.2.3'],
  ['10.1.2.3', '10.1.2.3', '10.1.2.3'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8::5', '2001:db8::5', '2001:db8:0:0::/64'],
  ['::1', '::1', '0:0:0:0::/64'],
])('the address %s is shown as %s and counted as %s', (address, shown, counted) => {
  expect(plainAddress(address)).toBe(shown);
  expect(countedAddress(plainAddress(address))).toBe(counted);
});

function keyContext(username: string, privateKey: string): AuthContext {
  const key = ssh2.utils.parseKey(privateKey);
  if (key instanceof Error) throw key;
  const blob = Buffer.from('what is signed');
  const shown = { algo: key.type, data: key.getPublicSSH() };
  const context = {
    method: 'publickey',
    username,
    key: shown,
    blob,
    signature: key.sign(blob),
    accept() {},
    reject() {},
  };
  return context as unknown as AuthContext;
}

function codeContext(username: string, code: string): AuthContext {
  const prompt = (_prompts: unknown, _title: string, answer: (answers: string[]) => void): void => answer([code]);
  return { method: 'keyboard-interactive', username, prompt, accept() {}, reject() {} } as unknown as AuthContext;
}

const open = (sockets: readonly Socket[]): number => sockets.filter((socket) => socket.readyState === 'open').length;

/** A socket that is not closed by what it gets. */
function quiet(socket: Socket): Socket {
  return socket.on('error', () => {}).on('data', () => {});
}

/** Guesses passwords over one connection after another. */
class Guesser {
  readonly #port: number;
  #client = new ssh2.Client();
  #isOver = false;

  constructor(port: number) {
    this.#port = port;
    this.#guess();
  }

  stop(): void {
    this.#isOver = true;
    this.#client.destroy();
  }

  #guess(): void {
    this.#client = new ssh2.Client();
    this.#client.on('error', () => {}).on('close', () => this.#isOver || this.#guess());
    this.#client.connect({
      host: '127.0.0.1',
      port: this.#port,
      username: 'ann',
      authHandler: (_left, _partial, next) => next({ type: 'password', username: 'ann', password: 'guess' }),
    });
  }
}
