import type { FileEntry, SFTPWrapper } from 'ssh2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FakeMachine, PatternPoints, patternBytes } from './fakes.ts';
import { type ConnectedClient, RunningServer, until } from './running-server.ts';

const takenAt = Date.UTC(2026, 10, 21, 2, 0, 0);
const machine = (name: string, endpoint = 'lab', id = name, held: FakeMachine['held'] = []): FakeMachine => ({
  endpoint,
  id,
  name,
  newestAt: takenAt,
  held,
});
const point = (id: string, at: number, sizes: readonly number[], target = 'disk-main') => ({
  id,
  target,
  takenAt: at,
  sizes,
});

const points = new PatternPoints([
  machine('web-07', 'lab', 'w', [point('0a', takenAt, [5_000_003, 100]), point('0b', takenAt - 3_600_000, [0])]),
  machine('db', 'lab', 'd1', [point('0c', takenAt, [10], 'disk-main'), point('0d', takenAt, [10], 'disk-two')]),
  machine('db', 'site two', 'd2'),
  machine('db', 'site two', 'd3'),
  machine('../../etc/passwd'),
  machine('-rf'),
  machine('a/b\u001b]52;c;AAAA\u0007'),
  machine('..'),
  machine(''),
]);

let running: RunningServer;
let client: ConnectedClient;
let sftp: SFTPWrapper;

beforeAll(async () => {
  running = await RunningServer.start({ points, now: () => takenAt + 60_000 });
  await running.addUser('op', ['operator']);
  await running.addUser('look', ['viewer', 'auditor', 'approver']);
  client = await running.connect('op');
  sftp = await client.sftp();
});

afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await running[Symbol.asyncDispose]();
});

/** Calls one of the client's functions and waits for its answer. */
const ask = <T>(call: (done: (error: unknown, answer?: T) => void) => void): Promise<T> =>
  new Promise((resolve, reject) => {
    call((error, answer) => (error === undefined || error === null ? resolve(answer as T) : reject(error)));
  });
const list = (path: string): Promise<FileEntry[]> => ask((done) => sftp.readdir(path, done as never));
const openFile = (path: string, flags: 'r' | 'w' | 'a' = 'r'): Promise<Buffer> =>
  ask((done) => sftp.open(path, flags, done as never));
const refusedWith = (code: number) => expect.objectContaining({ code });

test('machines, restore points and disks are folders and files, and every name is one that nothing can be made of', async () => {
  const names = (await list('/')).map(({ filename }) => filename);
  expect(names).toHaveLength(9);
  expect(new Set(names).size).toBe(9);
  for (const name of names) expect(name).toMatch(/^[\w@][\w.@~-]*$/);
  expect(names).toContain('web-07');
  expect(names).toContain('db@lab');
  expect(names.filter((name) => /^db@site_two~[0-9a-f]{8}$/.test(name))).toHaveLength(2);
  expect((await list('/web-07')).map(({ filename }) => filename)).toEqual([
    '2026-11-21T01-00-00Z',
    '2026-11-21T02-00-00Z',
  ]);
  // The same moment on two targets.
  expect((await list('/db@lab')).map(({ filename }) => filename)).toEqual([
    '2026-11-21T02-00-00Z@disk-main',
    '2026-11-21T02-00-00Z@disk-two',
  ]);
  // A long name goes on to be right while the short one is.
  expect((await list('/web-07@lab')).length).toBe(2);
});

test('sizes and times are real', async () => {
  const [disk0, disk1] = await list('/web-07/2026-11-21T02-00-00Z');
  expect(disk0).toMatchObject({
    filename: 'disk0.raw',
    attrs: { size: 5_000_003, mtime: takenAt / 1000, mode: 0o100440 },
  });
  expect(disk0?.longname).toBe('-r--r----- 1 holdfast holdfast        5000003 Nov 21 02:00 disk0.raw');
  expect(disk1).toMatchObject({ filename: 'disk1.raw', attrs: { size: 100 } });
  const folder = await ask<{ mode: number; mtime: number }>((done) => sftp.stat('/web-07', done as never));
  expect(folder).toMatchObject({ mode: 0o040550, mtime: takenAt / 1000 });
  // By what the hypervisor calls it too.
  expect(await ask((done) => sftp.stat('/web-07/2026-11-21T02-00-00Z/vd-1.raw', done as never))).toMatchObject({
    size: 100,
  });
});

test('any range of a disk is read, and only what is there', async () => {
  const handle = await openFile('/web-07/2026-11-21T02-00-00Z/disk0.raw');
  const read = (offset: number, length: number): Promise<Buffer> => {
    const into = Buffer.alloc(length);
    return new Promise((resolve, reject) => {
      sftp.read(handle, into, 0, length, offset, (error, bytes) =>
        error === undefined || error === null ? resolve(into.subarray(0, bytes)) : reject(error),
      );
    });
  };
  for (const [offset, length] of [
    [0, 10],
    [1_048_570, 20],
    [4_999_990, 13],
    [3_000_000, 32_768],
    [123, 1],
  ] as const) {
    expect((await read(offset, length)).equals(patternBytes(10, offset, length))).toBe(true);
  }
  expect((await read(4_999_990, 500)).length).toBe(13);
  // The client makes nothing of the end of the file.
  expect(await read(5_000_003, 10)).toHaveLength(0);
  expect(await read(2 ** 60, 10)).toHaveLength(0);
  await ask((done) => sftp.close(handle, done as never));
  await expect(read(0, 10)).rejects.toMatchObject(refusedWith(4));
});

test('whatever would change something is refused', async () => {
  const file = '/web-07/2026-11-21T02-00-00Z/disk0.raw';
  const attempts: readonly [string, () => Promise<unknown>][] = [
    ['write', () => openFile(file, 'w')],
    ['append', () => openFile(file, 'a')],
    ['create', () => openFile('/new', 'w')],
    ['remove', () => ask((done) => sftp.unlink(file, done as never))],
    ['rename', () => ask((done) => sftp.rename(file, '/x', done as never))],
    ['make a folder', () => ask((done) => sftp.mkdir('/x', done as never))],
    ['remove a folder', () => ask((done) => sftp.rmdir('/web-07', done as never))],
    ['change rights', () => ask((done) => sftp.chmod(file, 0o777, done as never))],
    ['link', () => ask((done) => sftp.symlink('/etc/passwd', '/x', done as never))],
    ['read a link', () => ask((done) => sftp.readlink(file, done as never))],
  ];
  for (const [what, attempt] of attempts) {
    await expect(attempt(), what).rejects.toMatchObject(refusedWith(3));
  }
  const handle = await openFile(file);
  await expect(ask((done) => sftp.write(handle, Buffer.from('x'), 0, 1, 0, done as never))).rejects.toMatchObject(
    refusedWith(3),
  );
  await ask((done) => sftp.close(handle, done as never));
});

test('two hundred hostile names lead nowhere', async () => {
  const bases = [
    '..',
    '../..',
    '../../../../etc/passwd',
    '/etc/passwd',
    'web-07/../../etc',
    '\0',
    'web-07\0',
    '%2e%2e/',
    '..\\..',
    '~',
    '~root',
    '.ssh/id',
    '//etc//passwd',
    '\u202e',
    '\u001b[2J',
    '*',
    '?',
    '[a]',
    '$HOME',
    '`id`',
    '$(id)',
    '|id',
    ';id',
    'con',
    'nul',
    'a'.repeat(5000),
    `${'/'.repeat(2000)}x`,
    '.../x',
    '. ./x',
    '\uff0e\uff0e/x',
    '\ud800',
    'db',
    'DB@LAB',
    'web-07 ',
    ' web-07',
    'web-07/.',
    'constructor',
    '__proto__',
    'toString',
    'hasOwnProperty',
  ];
  const hostile = bases.flatMap((base) => [
    base,
    `/${base}/x`,
    `/web-07/${base}/x`,
    `/web-07/2026-11-21T02-00-00Z/${base}`,
    `/web-07/2026-11-21T02-00-00Z/disk0.raw/${base}/x`,
  ]);
  expect(hostile.length).toBeGreaterThanOrEqual(200);
  // These two name the folder itself.
  const fair = new Set(['web-07/.', '/web-07/2026-11-21T02-00-00Z/db']);
  for (const path of hostile) {
    if (fair.has(path)) continue;
    await expect(openFile(path), JSON.stringify(path)).rejects.toMatchObject({ code: expect.any(Number) });
    await expect(
      ask((done) => sftp.stat(path, done as never)),
      JSON.stringify(path),
    ).rejects.toMatchObject(refusedWith(2));
    await expect(list(path), JSON.stringify(path)).rejects.toMatchObject(refusedWith(2));
  }
});

test('`cd ..` works and does not leave the root', async () => {
  const real = (path: string): Promise<string> => ask((done) => sftp.realpath(path, done as never));
  expect(await real('.')).toBe('/');
  expect(await real('/web-07/..')).toBe('/');
  expect(await real('/web-07/2026-11-21T02-00-00Z/../x')).toBe('/web-07/x');
  await expect(real('/..')).rejects.toMatchObject(refusedWith(2));
});

test('sixty-four handles at most, and restore points are closed with their files and with the session', async () => {
  await using other = await running.connect('op');
  const own = await other.sftp();
  const open = (): Promise<Buffer> =>
    ask((done) => own.open('/web-07/2026-11-21T02-00-00Z/disk1.raw', 'r', done as never));
  const handles = await Promise.all(Array.from({ length: 64 }, open));
  await expect(open()).rejects.toMatchObject(refusedWith(4));
  await ask((done) => own.close(handles[0] as Buffer, done as never));
  handles[0] = await open();
  const before = points.openNow;
  expect(before).toBeGreaterThan(0);
  other.client.destroy();
  await other.closed;
  await until(() => points.openNow < before);
});

test('a disk that cannot be read is an error and never zeros', async () => {
  const handle = await openFile('/web-07/2026-11-21T02-00-00Z/disk1.raw');
  points.broken = new Error('a chunk is lost');
  try {
    const into = Buffer.alloc(100, 7);
    const reading = new Promise((resolve, reject) => {
      sftp.read(handle, into, 0, 100, 0, (error, bytes) =>
        error === undefined || error === null ? resolve(bytes) : reject(error),
      );
    });
    await expect(reading).rejects.toMatchObject(refusedWith(4));
    expect(into.every((byte) => byte === 7)).toBe(true);
  } finally {
    points.broken = null;
  }
  expect(running.logged.join('\n')).toContain('a chunk is lost');
});

test('only operators and administrators have SFTP, and each opened disk is written down', async () => {
  await using look = await running.connect('look');
  await expect(look.sftp()).rejects.toThrow();
  await until(() => running.audit.of('denied').length === 1);
  expect(running.audit.of('denied')).toMatchObject([{ who: 'look', facts: { command: 'sftp' } }]);
  const opened = running.audit.of('sftp.open').filter(({ facts }) => facts.disk !== undefined);
  expect(opened[0]).toMatchObject({
    who: 'op',
    facts: { machine: 'lab/web-07', point: '0a', target: 'disk-main', disk: 'vd-0' },
  });
});

describe('a large site', () => {
  test('ten thousand machines are listed in pages', async () => {
    const many = new PatternPoints(Array.from({ length: 10_000 }, (_, index) => machine(`vm-${index}`)));
    await using big = await RunningServer.start({ points: many });
    await big.addUser('op', ['administrator']);
    await using op = await big.connect('op');
    const own = await op.sftp();
    const handle = await ask<Buffer>((done) => own.opendir('/', done as never));
    const page = await ask<FileEntry[]>((done) => own.readdir(handle, done as never));
    expect(page).toHaveLength(100);
    expect(await ask<FileEntry[]>((done) => own.readdir('/', done as never))).toHaveLength(10_000);
  });

  test('a client that asks for much and takes nothing holds little', async () => {
    const large = new PatternPoints([machine('big', 'lab', 'big', [point('01', takenAt, [2 ** 40])])]);
    await using big = await RunningServer.start({ points: large });
    await big.addUser('op', ['operator']);
    await using op = await big.connect('op');
    const own = await op.sftp();
    const handle = await ask<Buffer>((done) => own.open('/big/2026-11-21T02-00-00Z/disk0.raw', 'r', done as never));
    const sock = Reflect.get(op.client, '_sock') as import('node:net').Socket;
    for (let request = 0; request < 1000; request++) {
      own.read(handle, Buffer.alloc(30_000), 0, 30_000, request * 30_000, () => {});
    }
    sock.pause();
    let last = -1;
    // Until nothing moves any more.
    while (last !== large.readBytes) {
      last = large.readBytes;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(large.largestRead).toBeLessThanOrEqual(1024 * 1024);
    expect(large.readBytes).toBeLessThan(30_000_000);
    op.client.destroy();
  });

  test('a session that asks for more at once than it may is ended, and the server goes on', async () => {
    await using own = await RunningServer.start({ points, limits: { requests: 50 } });
    await own.addUser('op', ['operator']);
    await using op = await own.connect('op');
    const flooding = await op.sftp();
    const ended = new Promise((resolve) => flooding.on('close', resolve));
    for (let request = 0; request < 500; request++) flooding.stat('/', () => {});
    await ended;
    expect(await op.run('echo on')).toMatchObject({ code: 0 });
  });
});
