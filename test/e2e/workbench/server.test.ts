import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newcomer, setUp } from './installation.ts';
import { hasOpenSsh, serve } from './served.ts';
import { hasTmux } from './tmux.ts';

const isHere = (await hasTmux()) && (await hasOpenSsh());
if (!isHere)
  console.warn('skipped: the server with real clients needs ssh, sftp and tmux, which are not all installed here');

const limitMs = 240_000;

describe.runIf(isHere)('over real ssh', () => {
  it('commands answer with their exit codes, and only those that a role allows', { timeout: limitMs }, async () => {
    await using person = await newcomer('web-07');
    await setUp(person);
    await using server = await serve(person);
    await server.addUser('ada', 'operator');
    await server.addUser('vic', 'viewer');
    const listed = await server.ssh('vic', 'machine list --json');
    expect(listed.code).toBe(0);
    expect(JSON.parse(listed.out.toString()).machines[0].name).toBe('web-07');
    expect((await server.ssh('vic', 'nonsense')).code).toBe(2);
    expect((await server.ssh('vic', 'machine show web-99')).code).toBe(4);
    expect(await server.ssh('vic', 'protect web-07 --yes')).toMatchObject({ code: 5 });
    expect(await server.ssh('vic', 'machine list --home /tmp')).toMatchObject({ code: 2 });
    expect(await server.ssh('vic', 'workbench')).toMatchObject({ code: 2 });
    expect(await server.ssh('ada', 'serve')).not.toMatchObject({ code: 0 });
    expect((await server.ssh('ada', "protect 'web-07' --yes")).code).toBe(0);
    const two = await Promise.all([server.ssh('ada', 'point list --json'), server.ssh('vic', 'run list --json')]);
    expect(two.map(({ code }) => code)).toEqual([0, 0]);
    expect(JSON.parse(two[0].out.toString()).points).toHaveLength(1);
    expect(JSON.parse(two[1].out.toString()).runs).toHaveLength(1);
    const audit = JSON.parse(await person.must('audit', 'list', '--json'));
    expect(JSON.stringify(audit)).toContain('denied');
    expect((await person.command('audit', 'verify')).code).toBe(0);
  });

  it('without a terminal the same is printed flat and answered line by line', { timeout: limitMs }, async () => {
    await using person = await newcomer('web-07');
    await setUp(person);
    await using server = await serve(person);
    await server.addUser('vic', 'viewer');
    const { out, code } = await server.ssh('vic', '', '2\nquit\n');
    const text = out.toString();
    expect(text).toContain('web-07');
    expect([...text].filter((char) => char !== '\n' && /\p{Cc}/u.test(char))).toEqual([]);
    expect(code).toBe(0);
  });

  it('a disk comes back by sftp byte for byte, and by an export through a pipe', { timeout: limitMs }, async () => {
    await using person = await newcomer('web-07');
    await setUp(person);
    await person.must('protect', 'web-07', '--yes');
    await using server = await serve(person);
    await server.addUser('ada', 'operator');
    const listed = (await server.sftp('ada', ['ls -1 web-07'])).out.toString();
    const point = /web-07\/\S+/.exec(listed)?.[0] ?? '';
    const got = join(person.home, 'got.raw');
    expect((await server.sftp('ada', [`get ${point}/vda.raw ${got}`])).code).toBe(0);
    const original = await readFile(join(person.machines, 'web-07/web-07.raw'));
    expect((await readFile(got)).equals(original)).toBe(true);
    const [{ point: id }] = JSON.parse(await person.must('point', 'list', '--json')).points;
    const exported = await server.ssh('ada', `point export ${id} --to -`);
    expect(exported.out.equals(original)).toBe(true);
    expect((await server.sftp('ada', [`rm ${point}/vda.raw`])).code).not.toBe(0);
  });

  it('a plugin that is added elsewhere is composed in an open session', { timeout: limitMs }, async () => {
    await using person = await newcomer('web-07');
    await setUp(person);
    await using server = await serve(person);
    await server.addUser('ada', 'administrator');
    await using session = await server.terminal('ada', 120, 40);
    await session.keys('2');
    await session.shows('web-07');
    await session.keys('p');
    await session.shows('Plan for');

    const folder = join(person.home, 'shelf');
    await person.must('plugin', 'new', 'target', 'shelf', '--folder', folder, '--yes');
    await person.must('plugin', 'add', folder, '--yes');
    await person.must('plugin', 'trust', 'shelf', '--yes');
    const words = join(person.home, 'shelf-words.txt');
    const place = ['--path', join(person.home, 'shelf-store'), '--recovery-file', words, '--yes'];
    await person.must('target', 'add', 'second', '--use', 'shelf', ...place);

    await session.keys('Tab');
    await session.type('second');
    await session.shows(/stream:second/);
    await session.keys('Enter');
    await session.shows(/protect · lab\/web-07 · done/);
    const points = JSON.parse(await person.must('point', 'list', '--json')).points;
    expect(points.map(({ target }: { target: string }) => target)).toEqual(['second']);

    // A reader without something frozen to read cannot be; the reason is told.
    expect((await person.command('protect', 'web-07', '--steps', 'proxy', '--to', 'second', '--dry-run')).err).toMatch(
      /needs/,
    );
    await person.must('plugin', 'remove', 'shelf', '--yes');
    // What is left of it is a problem with a name, and the session lives.
    await session.keys('5');
    await session.shows(/second +shelf/);
    await session.keys('F1');
    await session.type('problems');
    await session.keys('Enter');
    await session.shows(/targets\.second/);
  });
});
