import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCall, type Notifier } from '@holdfast/api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openCommand } from '../../../plugins/notifiers/command/src/open.ts';
import { noticeOf, openingOf } from './support/notice.ts';

const quiet = makeCall({ who: 'test' });
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-command-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function script(text: string, more: object = {}): Promise<Notifier> {
  const program = join(folder, 'tell');
  writeFileSync(program, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  return openCommand(openingOf({ program, ...more }), quiet);
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};

/** Waits until something holds; the test's own limit ends it. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

test('a program gets the notice as JSON, its arguments as they stand, and nothing of our environment', async () => {
  process.env.HOLDFAST_TEST_SECRET = 'geheim';
  const words = ['$(touch owned)', 'two words', '', '"'];
  const notifier = await script(
    `cat > "${folder}/in"; env > "${folder}/env"; for a in "$@"; do echo "[$a]"; done > "${folder}/args"`,
    {
      arguments: words,
    },
  );
  const notice = noticeOf();
  await notifier.send(notice, quiet);
  delete process.env.HOLDFAST_TEST_SECRET;
  expect(JSON.parse(readFileSync(join(folder, 'in'), 'utf8'))).toEqual({ format: 1, ...notice });
  expect(readFileSync(join(folder, 'args'), 'utf8')).toBe(words.map((word) => `[${word}]\n`).join(''));
  const names = readFileSync(join(folder, 'env'), 'utf8')
    .split('\n')
    .map((line) => line.split('=')[0]);
  const allowed = [
    'PATH',
    'LANG',
    'HOLDFAST_NOTICE_ID',
    'HOLDFAST_NOTICE_KIND',
    'HOLDFAST_NOTICE_SEVERITY',
    'PWD',
    '_',
    'SHLVL',
    'OLDPWD',
    '',
  ];
  expect(names.filter((name) => !allowed.includes(name ?? ''))).toEqual([]);
});

test('a notice of a machine that is called by anything reaches a program', async () => {
  for (const id of ['a\0b\n', '🙈'.repeat(65_536)]) {
    const notifier = await script(`cat > "${folder}/in"; printf %s "$HOLDFAST_NOTICE_ID" > "${folder}/id"`);
    await notifier.send(noticeOf({ id }), quiet);
    expect(JSON.parse(readFileSync(join(folder, 'in'), 'utf8'))).toMatchObject({ id });
    expect(readFileSync(join(folder, 'id'), 'utf8')).toBe(id === 'a\0b\n' ? 'a_b_' : '🙈'.repeat(512));
  }
});

test('a program that fails is tried again, unless it says that this cannot help', async () => {
  for (const [exit, code] of [
    [1, 'NOTIFY_FAILED'],
    [75, 'NOTIFY_FAILED'],
    [64, 'NOTIFY_REFUSED'],
    [65, 'NOTIFY_REFUSED'],
    [78, 'NOTIFY_REFUSED'],
  ] as const) {
    const notifier = await script(`echo "no\nluck" >&2; exit ${exit}`);
    await expect(notifier.send(noticeOf(), quiet)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(new RegExp(`exit code ${exit}: no luck$`)),
    });
  }
  const shot = await script('kill -9 $$');
  await expect(shot.send(noticeOf(), quiet)).rejects.toMatchObject({ code: 'NOTIFY_FAILED' });
});

test('a program that is late is killed with all that it started', async () => {
  const notifier = await script(`sleep 300 & echo $! > "${folder}/pid"; trap '' TERM; wait; sleep 300`, {
    timeoutSeconds: 0.3,
  });
  await expect(notifier.send(noticeOf(), quiet)).rejects.toMatchObject({
    code: 'NOTIFY_FAILED',
    message: expect.stringContaining('in time'),
  });
  await until(() => !isAlive(Number(readFileSync(join(folder, 'pid'), 'utf8'))));
});

test('a program that nobody waits for any more is killed', async () => {
  const notifier = await script(`echo $$ > "${folder}/pid"; exec sleep 300`);
  const controller = new AbortController();
  const sending = notifier.send(noticeOf(), makeCall({ signal: controller.signal }));
  await until(() => existsSync(join(folder, 'pid')) && readFileSync(join(folder, 'pid'), 'utf8').endsWith('\n'));
  const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
  controller.abort();
  await expect(sending).rejects.toMatchObject({ code: 'CANCELLED' });
  await until(() => !isAlive(pid));
});

test('a program that does not read, prints without end or is not there does no harm', async () => {
  await (await script('exit 0')).send(noticeOf({ text: 'x'.repeat(65_000) }), quiet);
  const loud = await script('yes | head -c 3000000 >&2; exit 1');
  const failure = await loud.send(noticeOf(), quiet).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(failure).toMatchObject({ code: 'NOTIFY_FAILED' });
  expect(String(failure).length).toBeLessThan(1000);
  for (const program of [join(folder, 'missing'), folder]) {
    const notifier = await openCommand(openingOf({ program }), quiet);
    await expect(notifier.send(noticeOf(), quiet), program).rejects.toMatchObject({ code: 'NOTIFY_FAILED' });
    expect(await notifier.check(quiet), program).toMatchObject([{ state: 'failed' }]);
  }
});
