import { execFileSync } from 'node:child_process';
import { chmod, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Environment } from '../../core/config/environment.ts';
import { folders } from '../../core/config/folders.ts';
import { openSecrets } from '../../core/config/secrets/open-secrets.ts';
import { runProgram } from '../../core/config/secrets/program.ts';
import { splitWords } from '../../core/config/secrets/words.ts';
import { makeSite, type Site } from './site.ts';

const never = new AbortController().signal;

describe('references to secrets', () => {
  test('env: is a variable of this process', async () => {
    await using site = await makeSite();
    expect(await resolve(site, 'env:PASS', { PASS: 'correct horse' })).toBe('correct horse');
    await refused(site, 'env:PASS', /not set/);
    await refused(site, 'env:PASS', /empty/, { PASS: '' });
    await refused(site, 'env:PA SS', /not the name of a variable/);
  });

  test('file: is the content of a file, less one line end', async () => {
    await using site = await makeSite();
    const file = await site.write('secret', ' two lines\nof it \n\n');
    expect(await resolve(site, `file:${file}`)).toBe(' two lines\nof it \n');
    const windows = await site.write('windows', 'word\r\n');
    expect(await resolve(site, `file:${windows}`)).toBe('word');
  });

  test('a file that group or others may open is refused, with the command that mends it', async () => {
    await using site = await makeSite();
    const file = await site.write('secret', 'canary');
    for (const mode of [0o640, 0o604, 0o620, 0o602, 0o610, 0o601]) {
      await chmod(file, mode);
      await refused(site, `file:${file}`, /others than its owner/, {}, `\`chmod 600 ${file}\``);
    }
    await chmod(file, 0o400);
    expect(await resolve(site, `file:${file}`)).toBe('canary');
  });

  test('a file that is missing, a folder, a pipe, a device, too long or no text is refused', async () => {
    await using site = await makeSite();
    const pipe = join(site.root, 'pipe');
    execFileSync('mkfifo', ['-m', '600', pipe]);
    const long = await site.write('long', 'x'.repeat(64 * 1024 + 1));
    const most = await site.write('most', `${'x'.repeat(64 * 1024 - 1)}\n`);
    await refused(site, `file:${site.root}/none`, /no such file/);
    await refused(site, `file:${site.root}`, /not a regular file|cannot be read/);
    await refused(site, `file:${pipe}`, /not a regular file/);
    await refused(site, 'file:/dev/zero', /not a regular file/);
    await refused(site, `file:${long}`, /longer than 65536 bytes/);
    await refused(site, `file:${await site.write('empty', '\n')}`, /empty/);
    await refused(site, 'file:relative', /not absolute/);
    expect(await resolve(site, `file:${most}`)).toHaveLength(64 * 1024 - 1);
  });

  test('command: is what a program prints, run without a shell', async () => {
    await using site = await makeSite();
    expect(await resolve(site, `command:printf %s-%s 'a b' "c\\"d"`)).toBe('a b-c"d');
    expect(await resolve(site, 'command:printf %s $HOME;id`id`|cat')).toBe('$HOME;id`id`|cat');
    await refused(site, 'command:printf "open', /quote is not closed/);
    await refused(site, 'command:./relative', /not absolute/);
    await refused(site, 'command:no-such-program-here', /cannot be started \(ENOENT\)/);
    await refused(site, 'command:false', /false ended with 1/);
    await refused(site, 'command:true', /empty/);
    await refused(site, 'command:head -c 70000 /dev/zero', /more than 65536 bytes/);
    await refused(site, 'command:yes', /more than 65536 bytes/);
  });

  test('a cancelled command is killed with all that it started', async () => {
    await using site = await makeSite();
    const script = await site.write('slow.sh', '#!/bin/sh\nsleep 300 &\necho $! > "$1"\nwait\n', 0o700);
    const pidFile = join(site.root, 'pid');
    const controller = new AbortController();
    const resolving = openSecrets(options(site)).resolve(`command:${script} ${pidFile}`, controller.signal);
    const pid = await content(pidFile);
    controller.abort();
    await expect(resolving).rejects.toMatchObject({ code: 'CANCELLED' });
    while (await alive(pid)) await wait(5);
    await expect(openSecrets(options(site)).resolve('env:PATH', controller.signal)).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });

  test('a program that takes too long is killed', async () => {
    const limits = { maxMs: 50, maxBytes: 100 };
    const env = { PATH: process.env.PATH };
    expect(await runProgram(['sleep', '30'], env, limits, never)).toEqual({ kind: 'too-slow' });
  });

  test('a command does not see the passphrase of the sealed store', async () => {
    await using site = await makeSite();
    const env = { HOLDFAST_SEAL_PASSPHRASE: 'canary', OTHER: 'x', PATH: process.env.PATH ?? '' };
    expect(await resolve(site, 'command:env', env)).not.toContain('canary');
  });

  test('keyring: asks secret-tool for service and account', async () => {
    await using site = await makeSite();
    await site.write('bin/secret-tool', '#!/bin/sh\n[ "$3" = none ] && exit 1\nprintf "%s|" "$@"\n', 0o700);
    const env = { PATH: `${site.root}/bin:${process.env.PATH}` };
    expect(await resolve(site, 'keyring:holdfast/disk/main', env)).toBe('lookup|service|holdfast|account|disk/main|');
    await refused(site, 'keyring:none/x', /no such entry/, env);
    await refused(site, 'keyring:holdfast', /service or an account is missing/, env);
    await refused(site, 'keyring:a/b', /secret-tool is not here/, { PATH: site.root }, /install libsecret-tools/);
  });

  test('systemd: is a credential in the folder that systemd names, and nowhere else', async () => {
    await using site = await makeSite();
    await site.write('credentials/seal', 'from systemd\n', 0o440);
    await site.write('outside', 'canary');
    const env = { CREDENTIALS_DIRECTORY: join(site.root, 'credentials') };
    expect(await resolve(site, 'systemd:seal', env)).toBe('from systemd');
    await refused(site, 'systemd:../outside', /not the name of a credential/, env);
    await refused(site, 'systemd:..', /not the name of a credential/, env);
    await refused(site, 'systemd:none', /no such file/, env);
    await refused(site, 'systemd:seal', /not started by systemd/);
  });

  test('what is no reference is refused and not repeated', async () => {
    await using site = await makeSite();
    for (const text of ['canary', 'canary:canary', '', 'env:', 'file: ', ':canary', 'toString:canary']) {
      const error = await refused(site, text, /not a reference/);
      expect(JSON.stringify([String(error), error])).not.toContain('canary');
    }
    await refused(site, 'fiel:/x', /nearest kind is "file:"/);
  });

  test.each([
    ['a b  c', ['a', 'b', 'c']],
    [`'a b' "c d" e\\ f`, ['a b', 'c d', 'e f']],
    [`a'b'"c"`, ['abc']],
    [`"" ''`, ['', '']],
    [`"\\a\\\\\\"" '\\'`, ['\\a\\"', '\\']],
    ['a\tb\nc', ['a', 'b', 'c']],
    ['', []],
    [`'open`, null],
  ])('the command %j has the words %j', (command, words) => {
    expect(splitWords(command)).toEqual(words);
  });
});

function options(site: Site, env: Environment = {}) {
  const all = { PATH: process.env.PATH, HOME: site.home, ...env };
  return { env: all, folders: folders({ HOME: site.home }) };
}

async function resolve(site: Site, reference: string, env: Environment = {}): Promise<string> {
  return await openSecrets(options(site, env)).resolve(reference, never);
}

async function refused(
  site: Site,
  reference: string,
  message: RegExp,
  env: Environment = {},
  remedy?: string | RegExp,
) {
  const error: unknown = await resolve(site, reference, env).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'SECRET_UNAVAILABLE', message: expect.stringMatching(message) });
  if (remedy !== undefined) expect(Reflect.get(Object(error), 'remedy')).toMatch(remedy);
  return error;
}

/** A file's text, once a program has written it. */
async function content(file: string): Promise<string> {
  for (;;) {
    const text = await readFile(file, 'utf8').catch(() => '');
    if (text.endsWith('\n')) return text.trim();
    await wait(5);
  }
}

/** A zombie is dead: it only waits to be counted. */
async function alive(pid: string): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat !== '' && !/\) Z /.test(stat);
}
