import { chmod, mkdir, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openAudit } from '../../../core/shell/audit/open.ts';
import { anna, keptLog } from './log.ts';

describe('the audit log', () => {
  it('keeps who did what from where, newest first, and each follows the one before', async () => {
    await using kept = await keptLog();
    await kept.audit.append(anna, 'login', { key: 'SHA256:x' });
    kept.at += 5;
    await kept.audit.append(anna, 'logout', {});
    const [second, first] = await kept.audit.entries({ limit: 10 });
    expect(first).toMatchObject({
      number: 1,
      who: 'anna',
      from: '192.0.2.7',
      session: 'ssh-1',
      what: 'login',
      facts: { key: 'SHA256:x' },
    });
    expect(second).toMatchObject({ number: 2, at: kept.at, what: 'logout', before: first?.hash });
    expect(await kept.audit.verify()).toEqual({ entries: 2, checkpoints: 1, problems: [] });
  });

  it('is for its owner alone', async () => {
    await using kept = await keptLog(1);
    await kept.audit.close();
    expect((await stat(kept.folder)).mode & 0o777).toBe(0o700);
    for (const file of ['log', 'checkpoints', 'key.pem']) {
      expect((await stat(join(kept.folder, file))).mode & 0o777, file).toBe(0o600);
    }
  });

  it('that nobody wrote to is not there, and reading it makes nothing', async () => {
    await using kept = await keptLog();
    expect(await kept.audit.entries({ limit: 5 })).toEqual([]);
    expect(await kept.audit.head()).toBeNull();
    expect(await kept.audit.verify()).toEqual({ entries: 0, checkpoints: 0, problems: [] });
    await kept.audit.close();
    await expect(readdir(kept.folder)).rejects.toThrow(/ENOENT/);
  });

  it('pages backwards through any number of entries without a gap', async () => {
    await using kept = await keptLog(500);
    const numbers: number[] = [];
    for (let before = Number.POSITIVE_INFINITY; ; ) {
      const page = await kept.audit.entries({ limit: 37, before });
      numbers.push(...page.map(({ number }) => number));
      if (page.length < 37) break;
      before = numbers.at(-1) ?? 0;
    }
    expect(numbers).toEqual(Array.from({ length: 500 }, (_, index) => 500 - index));
    expect(await kept.audit.entries({ limit: 1, before: 1 })).toEqual([]);
    expect((await kept.audit.entries({ limit: 1, before: 2 }))[0]?.number).toBe(1);
    expect((await kept.audit.entries({ limit: 1, before: 9_999 }))[0]?.number).toBe(500);
  });

  it('has a checkpoint at each 64th entry, when a command has ended, when a process ends, and for the last entry of a day', async () => {
    await using kept = await keptLog();
    const checked = async () =>
      (await kept.read('checkpoints'))
        .toString()
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line).entry);
    for (let index = 0; index < 65; index++) await kept.audit.append(anna, 'login.refused', {});
    expect(await checked()).toEqual([64]);
    await kept.audit.close();
    expect(await checked()).toEqual([64, 65]);
    await kept.audit.close();
    await kept.audit.append(anna, 'login', {});
    kept.at += 86_400_000;
    await kept.audit.append(anna, 'login', {});
    expect(await checked()).toEqual([64, 65, 66]);
    await kept.audit.append(anna, 'command.end', {});
    expect(await checked()).toEqual([64, 65, 66, 68]);
    expect((await kept.audit.verify()).problems).toEqual([]);
  });

  it('takes names and facts of any size and shape, and stays one line of at most 16 KiB each', async () => {
    await using kept = await keptLog();
    const deep = { a: { b: { c: { d: { e: { f: { g: 1 } } } } } } };
    const hostile = '\x1b]0;x\x07\n\r\u202e\u2028\ud800\x9b31m';
    await kept.audit.append({ ...anna, name: hostile.repeat(99) }, hostile, { [hostile]: hostile, deep });
    await kept.audit.append(anna, 'x', { text: 'y'.repeat(1e6) });
    await kept.audit.append(anna, 'x', {
      command: 'protect',
      list: Array.from({ length: 1e5 }, (_, at) => `machine-${at}-${'z'.repeat(999)}`),
    });
    await kept.audit.append(anna, 'x', { bytes: new Uint8Array(5000), odd: Number.NaN, none: undefined });
    await kept.audit.append(
      anna,
      'x',
      Object.fromEntries(Array.from({ length: 1e4 }, (_, at) => [`k${at}`, 'v'.repeat(900)])),
    );
    const lines = (await kept.read('log')).toString().split('\n').slice(0, -1);
    expect(lines).toHaveLength(6);
    for (const line of lines) {
      expect(Buffer.byteLength(line)).toBeLessThan(16 * 1024);
      expect(line).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202e\u2028]/);
    }
    const entries = (await kept.audit.entries({ limit: 9 })).toReversed();
    expect(entries[2]?.facts).toMatchObject({ command: 'protect' });
    expect(entries[3]?.facts).toEqual({ bytes: '5000 bytes', odd: null });
    expect(entries[4]?.facts).toMatchObject({
      tooLong: { bytes: expect.any(Number), sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    expect((await kept.audit.verify()).problems).toEqual([]);
  });

  it('gives its head, and says later whether it is there still', async () => {
    await using kept = await keptLog(10);
    const head = await kept.audit.head();
    expect(head).toMatchObject({ entry: 10 });
    await kept.audit.append(anna, 'login', {});
    expect((await kept.audit.verify(head?.hash)).problems).toEqual([]);
    await rm(kept.folder, { recursive: true });
    for (let index = 0; index < 20; index++) await kept.audit.append(anna, 'command.end', { index });
    expect((await kept.audit.verify()).problems).toEqual([]);
    expect((await kept.audit.verify(head?.hash)).problems).toMatchObject([
      { problem: expect.stringContaining('kept elsewhere') },
    ]);
  });

  it('can be read out byte for byte', async () => {
    await using kept = await keptLog(70);
    const parts: Uint8Array[] = [];
    for await (const part of kept.audit.bytes()) parts.push(part);
    expect(Buffer.concat(parts)).toEqual(await kept.read('log'));
  });
});

describe('an audit log that cannot be written', () => {
  it('says so: a file where its folder should be', async () => {
    await using kept = await keptLog();
    const folder = join(kept.folder, 'deeper');
    await writeFile(kept.folder, 'a file');
    const audit = await openAudit({ folder, now: () => 0 });
    await expect(audit.append(anna, 'x', {})).rejects.toMatchObject({
      code: 'FOLDER_UNWRITABLE',
      message: expect.stringContaining('audit log cannot be written'),
    });
  });

  it('says so: no room, and nothing half is left', async () => {
    await using kept = await keptLog(3);
    const before = await kept.read('log');
    await rm(join(kept.folder, 'log'));
    await mkdir(join(kept.folder, 'log'));
    await expect(kept.audit.append(anna, 'x', {})).rejects.toThrow();
    await rm(join(kept.folder, 'log'), { recursive: true });
    await kept.write('log', before);
    await kept.audit.append(anna, 'x', {});
    expect((await kept.audit.verify()).problems).toEqual([]);
  });

  it.each([
    ['its log is gone', async (folder: string) => rm(join(folder, 'log')), /log is gone/],
    ['its key is gone', async (folder: string) => rm(join(folder, 'key.pem')), /key that signed is gone/],
    ['its key is none', async (folder: string) => writeFile(join(folder, 'key.pem'), 'x'), /is no key/],
    ['its end was cut off', async (folder: string) => truncate(join(folder, 'log'), 1_500), /vouched for/],
    [
      'it was written over',
      async (folder: string) => writeFile(join(folder, 'log'), 'x\n'.repeat(99)),
      /does not begin/,
    ],
  ])('stops what would change something: %s', async (_what, harm, why) => {
    await using kept = await keptLog(9);
    await harm(kept.folder);
    await expect(kept.audit.append(anna, 'x', {})).rejects.toMatchObject({
      code: 'AUDIT_DAMAGED',
      message: expect.stringMatching(why),
      remedy: expect.stringContaining('audit verify'),
    });
    expect((await kept.audit.verify()).problems).not.toEqual([]);
  });

  it('whose key others may read is told by verify', async () => {
    await using kept = await keptLog(3);
    await chmod(join(kept.folder, 'key.pem'), 0o644);
    expect((await kept.audit.verify()).problems).toMatchObject([{ problem: expect.stringContaining('may read') }]);
  });
});

describe('a line that a crash has torn', () => {
  it.each([1, 20, 76, 200])('%d bytes before its end stays and is named by the next entry', async (bytes) => {
    await using kept = await keptLog(7);
    const log = await kept.read('log');
    // Nothing vouches for the last one yet: its process died.
    const cut = log.subarray(0, log.length - bytes);
    await kept.write('log', cut);
    if (bytes > 1)
      expect((await kept.audit.verify()).problems).toMatchObject([
        { entry: 7, problem: expect.stringContaining('cut short') },
      ]);
    await (await kept.again()).append(anna, 'login', {});
    const after = await kept.read('log');
    expect(after.subarray(0, cut.length)).toEqual(cut);
    expect(await kept.audit.verify()).toMatchObject({ entries: 8, problems: [] });
    const whats = (await kept.audit.entries({ limit: 2 })).map(({ what }) => what);
    expect(whats).toEqual(bytes === 1 ? ['login', 'command.begin'] : ['login', 'torn']);
  });

  it('while the one before was being named is named too', async () => {
    await using kept = await keptLog(7);
    const log = await kept.read('log');
    await kept.write('log', Buffer.concat([log.subarray(0, -100), Buffer.from('\n{"number":7,"at":17')]));
    await (await kept.again()).append(anna, 'login', {});
    expect(await kept.audit.verify()).toMatchObject({ entries: 8, problems: [] });
    const [, torn] = await kept.audit.entries({ limit: 2 });
    expect(torn?.facts.lines).toHaveLength(2);
  });

  it('with the zeros that a power cut may leave is named', async () => {
    await using kept = await keptLog(7);
    await kept.write('log', Buffer.concat([await kept.read('log'), Buffer.alloc(4096)]));
    await (await kept.again()).append(anna, 'login', {});
    expect(await kept.audit.verify()).toMatchObject({ entries: 9, problems: [] });
  });

  it('among the checkpoints is named by the next one', async () => {
    await using kept = await keptLog(9);
    const checkpoints = await kept.read('checkpoints');
    await kept.write('checkpoints', checkpoints.subarray(0, -40));
    expect((await kept.audit.verify()).problems).toMatchObject([{ problem: expect.stringContaining('cut short') }]);
    await (await kept.again()).append(anna, 'command.end', {});
    expect(await kept.audit.verify()).toMatchObject({ entries: 10, problems: [] });
  });
});
