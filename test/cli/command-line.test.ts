import { spawn } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TemporaryHome } from './run-holdfast.ts';

const launcher = join(import.meta.dirname, '../../core/cli/holdfast.js');

describe('the command line', () => {
  it('explains itself: overview, topic, command, version', async () => {
    await using home = await TemporaryHome.make();
    const [overview, topic, command, version] = await Promise.all([
      home.run([]),
      home.run(['machine', '--help']),
      home.run(['help', 'protect']),
      home.run(['--version']),
    ]);
    expect(overview).toMatchObject({ code: 0, stderr: '' });
    for (const word of ['init', 'quickstart', 'protect', 'restore', 'lab'])
      expect(overview.stdout).toMatch(new RegExp(`^  ${word} `, 'm'));
    expect(topic.stdout).toContain('machine show MACHINE');
    expect(command.stdout).toMatch(/EXAMPLES\n {2}holdfast protect web-07/);
    expect(version.stdout).toMatch(/^holdfast \d+\.\d+\.\d+ on Node 2[4-9]/);
  });

  it('says what was probably meant, on stderr, with exit code 2', async () => {
    await using home = await TemporaryHome.make();
    const [command, flag] = await Promise.all([home.run(['machine', 'lsit']), home.run(['machine', 'list', '--jsn'])]);
    expect(command).toMatchObject({ code: 2, stdout: '' });
    expect(command.stderr).toBe(
      '✗ there is no command machine lsit [USAGE]\n  → did you mean `holdfast machine list`?\n',
    );
    expect(flag.code).toBe(2);
    expect(flag.stderr).toContain('did you mean `--json`?');
  });

  it('answers with one JSON document on stdout, errors too', async () => {
    await using home = await TemporaryHome.make();
    const [empty, unknown] = await Promise.all([
      home.run(['machine', 'list', '--json']),
      home.run(['target', 'remove', 'main', '--json', '--yes']),
    ]);
    expect(JSON.parse(empty.stdout)).toEqual({ machines: [], silent: [] });
    expect(empty).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(unknown.stdout)).toMatchObject({ error: { code: 'TARGET_NOT_FOUND', exit: 4 } });
    expect(unknown).toMatchObject({ code: 4, stderr: '' });
  });

  it('changes nothing without consent when nobody can be asked, and names the flag', async () => {
    await using home = await TemporaryHome.make();
    const words = ['init', '--path', home.path('backup'), '--recovery-file', home.path('words')];
    const ended = await home.run(words);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(/CONFIRMATION_MISSING[\s\S]*--yes/);
    await expect(stat(home.path('backup'))).rejects.toThrow('ENOENT');
    const missing = await home.run(['init']);
    expect(missing.stderr).toMatch(/disk needs path[\s\S]*ANSWER_MISSING[\s\S]*--path/);
    const unseen = await home.run(['init', '--path', home.path('backup'), '--yes']);
    expect(unseen.stderr).toMatch(/ANSWER_MISSING[\s\S]*--recovery-file/);
    await expect(stat(home.path('backup'))).rejects.toThrow('ENOENT');
  });

  it('sets up a target: secrets are the owner’s alone, nothing is overwritten, a second time is a conflict', async () => {
    await using home = await TemporaryHome.make();
    const init = ['init', '--path', home.path('backup'), '--recovery-file', home.path('words'), '--yes'];
    const made = await home.run([...init, '--json']);
    expect(made).toMatchObject({ code: 0 });
    const { passphrase } = JSON.parse(made.stdout) as { passphrase: string };
    for (const file of [home.path('words'), passphrase.replace('file:', '')]) {
      expect((await stat(file)).mode & 0o777).toBe(0o600);
    }
    expect((await readFile(home.path('words'), 'utf8')).trimEnd().split('\n').at(-1)?.split(' ')).toHaveLength(24);
    const again = await home.run(init);
    expect(again).toMatchObject({ code: 6 });
    expect(again.stderr).toContain('TARGET_EXISTS');
    const other = await home.run([...init, '--target', 'other']);
    expect(other).toMatchObject({ code: 6 });
    expect(other.stderr).toContain('NAME_TAKEN');
    const removed = await home.run(['target', 'remove', 'main', '--yes']);
    expect(removed.code).toBe(0);
    await writeFile(home.path('wrong'), 'not the passphrase', { mode: 0o600 });
    const joining = ['target', 'add', 'again', '--path', home.path('backup'), '--yes', '--passphrase'];
    expect(await home.run([...joining, `file:${home.path('wrong')}`])).toMatchObject({ code: 5 });
    expect(await home.run([...joining, passphrase])).toMatchObject({ code: 0 });
    expect((await home.run(['point', 'list', '--json'])).stdout).toContain('"points": []');
  });

  it('does not mind a reader that goes away', async () => {
    await using home = await TemporaryHome.make();
    const child = spawn(process.execPath, [launcher, '--help'], {
      env: { HOME: home.folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.destroy();
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});
