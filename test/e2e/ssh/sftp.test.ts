import { createHash } from 'node:crypto';
import { readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { PatternPoints, patternBytes } from '../../server/fakes.ts';
import { RunningServer, until } from '../../server/running-server.ts';
import { missing, OpenSsh } from './open-ssh.ts';

const noSftp = missing('sftp');
if (noSftp !== null) console.warn(`left out: restore points through OpenSSH's sftp: ${noSftp}`);
const withSftp = test.skipIf(noSftp !== null);

const takenAt = Date.UTC(2026, 10, 21, 2, 0, 0);
const sizeBytes = 33_554_435;
const makePoints = (): PatternPoints =>
  new PatternPoints([
    {
      endpoint: 'lab',
      id: 'w',
      name: 'web 07',
      newestAt: takenAt,
      held: [{ id: '0a', target: 'disk-main', takenAt, sizes: [sizeBytes, 0, 1] }],
    },
  ]);
const folder = '/web_07/2026-11-21T02-00-00Z';
const sum = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const expected = (): string => sum(patternBytes(10, 0, sizeBytes));

withSftp('a disk comes over sftp byte for byte, with its time, and all is closed behind it', async () => {
  const points = makePoints();
  await using running = await RunningServer.start({ points, now: () => takenAt });
  const key = await running.addUser('op', ['operator']);
  const client = await OpenSsh.for(running);
  const got = await client.sftp('op', key, [
    'ls -l /',
    `ls -l ${folder}`,
    `get -p ${folder}/disk0.raw ${running.path('disk0.raw')}`,
  ]);
  expect(got).toMatchObject({ code: 0, stderr: '' });
  expect(got.stdout.toString()).toContain('web_07');
  expect(got.stdout.toString()).toMatch(/-r--r----- .* 33554435 .* disk0\.raw/);
  expect(sum(await readFile(running.path('disk0.raw')))).toBe(expected());
  expect((await stat(running.path('disk0.raw'))).mtimeMs).toBe(takenAt);
  // A megabyte at a time, and hardly anything twice.
  expect(points.largestRead).toBe(1024 * 1024);
  expect(points.readBytes).toBeLessThan(sizeBytes * 1.1);
  await until(() => points.openNow === 0);
  expect(running.audit.of('sftp.open')).toMatchObject([
    { facts: { path: '/' } },
    { facts: { disk: 'vd-0', point: '0a' } },
  ]);
});

withSftp('a transfer that was cut off is taken up again with reget', async () => {
  await using running = await RunningServer.start({ points: makePoints() });
  const key = await running.addUser('op', ['administrator']);
  const client = await OpenSsh.for(running);
  const file = running.path('part.raw');
  await writeFile(file, patternBytes(10, 0, sizeBytes));
  await truncate(file, 20_000_001);
  expect(await client.sftp('op', key, [`reget ${folder}/disk0.raw ${file}`])).toMatchObject({ code: 0, stderr: '' });
  expect(sum(await readFile(file))).toBe(expected());
});

withSftp.each([
  ['many small requests at once', ['-B', '4096', '-R', '256'], []],
  ['large requests', ['-B', '261120', '-R', '64'], []],
  ['one request at a time', ['-R', '1'], []],
  ['keys that are exchanged anew', [], ['RekeyLimit=4M']],
])('a disk arrives whole with %s', async (_what, args, more) => {
  await using running = await RunningServer.start({ points: makePoints() });
  const key = await running.addUser('op', ['operator']);
  const client = await OpenSsh.for(running);
  const got = await client.sftp('op', key, [`get ${folder}/disk0.raw ${running.path('disk0.raw')}`], args, more);
  expect(got).toMatchObject({ code: 0, stderr: '' });
  expect(sum(await readFile(running.path('disk0.raw')))).toBe(expected());
});

withSftp('a whole restore point is fetched as a folder, empty disks too', async () => {
  await using running = await RunningServer.start({ points: makePoints() });
  const key = await running.addUser('op', ['operator']);
  const client = await OpenSsh.for(running);
  expect(await client.sftp('op', key, [`get -r ${folder} ${running.path('point')}`])).toMatchObject({ code: 0 });
  expect(sum(await readFile(running.path('point/disk0.raw')))).toBe(expected());
  expect((await stat(running.path('point/disk1.raw'))).size).toBe(0);
  expect((await stat(running.path('point/disk2.raw'))).size).toBe(1);
});

withSftp('moving about works, and nothing can be changed', async () => {
  await using running = await RunningServer.start({ points: makePoints() });
  const key = await running.addUser('op', ['operator']);
  const client = await OpenSsh.for(running);
  const moved = await client.sftp('op', key, [`cd ${folder}`, 'pwd', 'cd ..', 'pwd', 'cd ..', 'pwd']);
  expect(moved.stdout.toString().match(/Remote working directory: .*/g)).toEqual([
    `Remote working directory: ${folder}`,
    'Remote working directory: /web_07',
    'Remote working directory: /',
  ]);
  const own = running.path('own.txt');
  await writeFile(own, 'mine');
  const changes = [
    `put ${own} /own.txt`,
    `put ${own} ${folder}/disk0.raw`,
    `rm ${folder}/disk0.raw`,
    'mkdir /x',
    `rename ${folder} /x`,
    `symlink /etc/passwd /x`,
    `chmod 777 ${folder}`,
    `ln ${folder}/disk0.raw /x`,
  ];
  for (const change of changes) {
    const refused = await client.sftp('op', key, [change]);
    expect(refused, change).toMatchObject({ code: 1 });
    expect(refused.stderr, change).toMatch(/Permission denied|Operation unsupported|does not support/);
  }
  for (const outside of ['get /etc/passwd', 'get ../etc/passwd', `get ${folder}/../../../etc/passwd`]) {
    expect(await client.sftp('op', key, [`${outside} ${running.path('stolen')}`]), outside).toMatchObject({ code: 1 });
  }
  await expect(stat(running.path('stolen'))).rejects.toThrow('ENOENT');
});

withSftp('whoever may only look has no sftp', async () => {
  await using running = await RunningServer.start({ points: makePoints() });
  const key = await running.addUser('look', ['viewer']);
  const client = await OpenSsh.for(running);
  const refused = await client.sftp('look', key, ['ls /']);
  expect(refused.code).toBe(255);
  expect(refused.stdout.toString()).not.toContain('web_07');
});

withSftp('a client that is killed in the middle of a disk leaves nothing open', async () => {
  const points = makePoints();
  await using running = await RunningServer.start({ points });
  const key = await running.addUser('op', ['operator']);
  const client = await OpenSsh.for(running);
  const child = client.start('sftp', [
    '-b',
    '-',
    '-P',
    `${running.port}`,
    ...client.options(key, ['BatchMode=yes']),
    'op@127.0.0.1',
  ]);
  child.stdin.write(`get ${folder}/disk0.raw ${running.path('disk0.raw')}\n`);
  await until(() => points.readBytes > 2_000_000);
  child.kill('SIGKILL');
  await until(() => points.openNow === 0);
  await until(() => running.audit.of('logout').length === 1);
  child.stdin.destroy();
});
