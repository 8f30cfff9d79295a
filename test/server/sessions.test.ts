import { appendFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openRecordings } from '../../core/server/recordings/open.ts';
import { DrawingOnly } from '../../core/server/sessions/drawing-only.ts';
import type { Tty } from '../../core/server/tty.ts';
import type { Actor } from '../../core/shell/access/contract.ts';
import { RunningServer, Shown, until } from './running-server.ts';

const root: Actor = { name: 'root', roles: ['administrator'], from: '10.0.0.9', session: 'x-1' };
const never = new AbortController().signal;
let folder = '';
const logged: string[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-cast-'));
  logged.length = 0;
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const recordings = (
  more: { readonly maxBytes?: number; readonly keepBytes?: number; readonly now?: () => number } = {},
) =>
  openRecordings({
    folder,
    log: (level, text) => void logged.push(`${level} ${text}`),
    now: () => Date.now(),
    ...more,
  });

test('whoever is observed is told so, who observes sees all of it as it goes on, and it is written down', async () => {
  await using running = await RunningServer.start();
  await running.addUser('ann', ['operator']);
  await using ann = await running.connect('ann');
  const shell = await ann.shell();
  const own = new Shown(shell);
  await own.until('hello');
  shell.write('before');
  await own.until('typed before');
  const [session] = running.server.sessions.list();
  if (session === undefined) throw new Error('no session');
  let seen = '';
  const stop = new AbortController();
  const watching = session.observe(
    root,
    (text) => {
      seen += text;
    },
    stop.signal,
  );
  await own.until('root (10.0.0.9) looks on');
  expect(session.observers).toEqual(['root']);
  expect(running.server.sessions.get(session.id)).toBe(session);
  await until(() => seen.includes('typed before'));
  shell.write('-after');
  await until(() => seen.includes('typed before-after'));
  // What is mirrored draws and does nothing else: no screen, no mouse.
  expect(seen).not.toContain('?1049');
  expect(seen).not.toContain('?1000');
  stop.abort();
  await watching;
  await own.until('root no longer looks on');
  expect(session.observers).toEqual([]);
  expect(running.audit.of('session.observed')).toMatchObject([
    { who: 'root', facts: { session: session.id, of: 'ann' } },
  ]);
});

test('an observation ends with the session, and one who fails to look harms nobody', async () => {
  await using running = await RunningServer.start();
  await running.addUser('ann', ['operator']);
  await using ann = await running.connect('ann');
  const shell = await ann.shell();
  const own = new Shown(shell);
  await own.until('hello');
  const [session] = running.server.sessions.list();
  const failing = session?.observe(
    { ...root, name: 'failing' },
    () => {
      throw new Error('cannot draw');
    },
    never,
  );
  await failing;
  const watching = session?.observe(root, () => {}, never);
  await own.until('root (10.0.0.9) looks on');
  shell.write('q');
  await watching;
  expect(running.server.sessions.list()).toEqual([]);
});

test('a workbench that shows no notices has the line drawn over it', async () => {
  let tty: Tty | undefined;
  await using running = await RunningServer.start({
    openWorkbench: (opened) => {
      tty = opened;
      opened.write('silent');
      return { ended: new Promise<void>((resolve) => opened.onClose(resolve)), close() {}, text: () => 'silent' };
    },
  });
  await running.addUser('ann', ['operator']);
  await using ann = await running.connect('ann');
  const own = new Shown(await ann.shell());
  await own.until('silent');
  const [session] = running.server.sessions.list();
  const stop = new AbortController();
  const watching = session?.observe({ ...root, name: 'eve\u001b[2J' }, () => {}, stop.signal);
  await own.until('looks on at this session');
  // In the last line, and nothing of a name acts.
  expect(own.text).toContain('\u001b[24;1H');
  expect(own.text).toContain('eve␛[2J');
  expect(tty?.notice).toBeUndefined();
  stop.abort();
  await watching;
});

test('a session can be ended, and its person is told why', async () => {
  await using running = await RunningServer.start();
  await running.addUser('ann', ['operator']);
  await using ann = await running.connect('ann');
  const shell = await ann.shell();
  const own = new Shown(shell);
  await own.until('hello');
  running.server.sessions.list()[0]?.end('maintenance\u001b[2J');
  await new Promise((resolve) => shell.on('close', resolve));
  expect(own.text).toContain('bye');
  expect(own.text).toContain('maintenance␛[2J');
});

test('a recorded session is a file of asciicast 2 for its owner only, and is shown again as it was', async () => {
  await using running = await RunningServer.start({ recordings: recordings() });
  await running.addUser('ann', ['operator']);
  await using ann = await running.connect('ann');
  const shell = await ann.shell({ cols: 90, rows: 20 });
  const own = new Shown(shell);
  await own.until('hello');
  shell.write('secret work');
  await own.until('typed secret work');
  shell.setWindow(30, 100, 0, 0);
  await own.until('[100x30 256]');
  shell.write('q');
  await new Promise((resolve) => shell.on('close', resolve));
  await until(() => running.server.sessions.list().length === 0);
  const [recording] = await recordings().list();
  if (recording === undefined) throw new Error('no recording');
  expect(recording).toMatchObject({ who: 'ann', from: '127.0.0.1', columns: 90, rows: 20 });
  const file = join(folder, `${recording.id}.cast`);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const [header = '', ...events] = (await readFile(file, 'utf8')).trimEnd().split('\n');
  expect(JSON.parse(header)).toMatchObject({ version: 2, width: 90, height: 20 });
  const kinds = events.map((line) => (JSON.parse(line) as [number, string, string])[1]);
  expect(new Set(kinds)).toEqual(new Set(['o', 'r']));
  let seen = '';
  const show = (text: string): void => {
    seen += text;
  };
  await recordings().replay(recording.id, show, { signal: never, maxPauseMs: 0 });
  expect(seen).toContain('hello ann');
  expect(seen).toContain('[100x30 256] typed secret work');
  expect(seen).not.toContain('?1049');
});

test('a recording keeps within its size and says that it ends', async () => {
  const recorder = await recordings({ maxBytes: 2_000 }).begin(root, { columns: 80, rows: 24 });
  for (let frame = 0; frame < 100; frame++) recorder.write(`frame ${frame} ${'x'.repeat(50)}`);
  await recorder.close();
  const text = await readFile(join(folder, `${recorder.id}.cast`), 'utf8');
  expect(text.length).toBeLessThanOrEqual(2_000);
  expect(text).toContain('the recording ends here');
  expect(logged).toHaveLength(1);
});

test('the oldest recordings go when there is no room for another', async () => {
  let now = Date.UTC(2026, 10, 21);
  const all = recordings({ maxBytes: 1_000, keepBytes: 3_000, now: () => now });
  for (let index = 0; index < 6; index++) {
    now += 60_000;
    const recorder = await all.begin({ ...root, session: `s-${index}` }, { columns: 80, rows: 24 });
    recorder.write('y'.repeat(600));
    await recorder.close();
  }
  const kept = await all.list();
  expect(kept.map(({ session }) => session)).toEqual(['s-5', 's-4', 's-3']);
});

test('what lies in the folder and is no recording is neither listed nor removed', async () => {
  await writeFile(join(folder, 'notes.txt'), 'mine');
  await writeFile(join(folder, '2026-11-21T02-00-00-000Z-s-1.cast'), 'not a recording\n');
  expect(await recordings().list()).toEqual([]);
  const recorder = await recordings({ keepBytes: 0 }).begin(root, { columns: 80, rows: 24 });
  await recorder.close();
  expect(await readdir(folder)).toContain('notes.txt');
  await expect(recordings().replay('../../etc/passwd', () => {}, { signal: never })).rejects.toMatchObject({
    code: 'SESSION_NOT_FOUND',
  });
});

test.each([
  ['no JSON', 'x'],
  ['no event', '{"a":1}'],
  ['a time that goes back', '[0.001,"o","x"]'],
  ['another kind', '[9,"z","x"]'],
  ['no text', '[9,"o",5]'],
  ['a time without end', '[1e99,"o","x"]'],
])('a damaged recording (%s) is shown up to the damage, which is named', async (_what, line) => {
  const recorder = await recordings({
    now: (() => {
      let at = 1_000;
      return () => (at += 500);
    })(),
  }).begin(root, { columns: 80, rows: 24 });
  recorder.write('before');
  await recorder.close();
  const file = join(folder, `${recorder.id}.cast`);
  await appendFile(file, `${line}\n[99,"o","after"]\n`);
  let seen = '';
  const show = (text: string): void => {
    seen += text;
  };
  const replaying = recordings().replay(recorder.id, show, { signal: never, maxPauseMs: 0 });
  await expect(replaying).rejects.toMatchObject({ code: 'SERVER_FAILED', message: expect.stringContaining('line 3') });
  expect(seen).toContain('before');
  expect(seen).not.toContain('after');
});

test('only what draws is let through, however it is cut into pieces', () => {
  const hostile = [
    '\u001b]52;c;AAAA\u0007',
    '\u001b]0;title\u001b\\',
    '\u001bP+q\u001b\\',
    '\u001b[6n',
    '\u001b[?1049h',
    '\u001b[?1000h',
    '\u001b[c',
    '\u001b[5i',
    '\u001b[?2004h',
    '\u009b6n',
    '\u0007',
    '\u001bc',
    '\u001b[!p',
    '\u001b[8;1;1t',
    '\u001b_x\u001b\\',
    '\u001b^x\u001b\\',
    '\u001bXx\u001b\\',
    '\u001b[>4m',
    '\u001b[200~',
  ];
  const drawing =
    '\u001b[1;31mred\u001b[0m\u001b[2J\u001b[3;4H\u001b[?25l\u001b[K\r\nüber 日本\u001b7\u001b8\u001b(B\u001b[38;2;1;2;3m';
  const all = hostile.map((one) => `a${one}b`).join(drawing);
  const expected = hostile
    .map(() => 'ab')
    .join(drawing)
    .replace('a6nb', 'ab');
  for (const size of [1, 2, 3, 7, 1000, all.length]) {
    const filter = new DrawingOnly();
    let out = '';
    for (let at = 0; at < all.length; at += size) out += filter.filter(all.slice(at, at + size));
    expect(out.replace('a6nb', 'ab')).toBe(expected);
  }
});

test('text made to be slow to filter is filtered in one go', () => {
  const filter = new DrawingOnly();
  for (const piece of ['\u001b]', '\u001b[', '\u001b[1;', '\u001bP\u001b', '\u001b']) {
    const out = filter.filter(piece.repeat(500_000));
    expect(out).not.toContain('\u0007');
  }
});
