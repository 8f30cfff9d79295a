import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { TemporaryHome } from './run-holdfast.ts';

const configFile = (home: TemporaryHome): string => home.path('.config', 'holdfast', 'holdfast.config.yaml');
const passphraseFile = (home: TemporaryHome): string =>
  home.path('.local', 'share', 'holdfast', 'keys', 'main.passphrase');
const isThere = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  );
const lastLine = async (file: string): Promise<string> =>
  (await readFile(file, 'utf8')).trimEnd().split('\n').at(-1) ?? '';

/** Has the process kill itself once it opened a file with this and that in its path, for writing. */
const killedAfterOpening = (part: string, other = ''): readonly string[] => [
  '--import',
  `data:text/javascript,${encodeURIComponent(
    `import fs from 'node:fs'; import { syncBuiltinESMExports } from 'node:module';
     const open = fs.promises.open;
     fs.promises.open = async (path, flags, mode) => {
       const handle = await open(path, flags, mode);
       const isIt = ${JSON.stringify([part, other])}.every((one) => String(path).includes(one));
       if (isIt && flags !== 'r') process.kill(process.pid, 'SIGKILL');
       return handle;
     };
     syncBuiltinESMExports();`,
  )}`,
];

function init(home: TemporaryHome, nodeArgs: readonly string[] = []) {
  const args = ['init', '--path', home.path('backup'), '--recovery-file', home.path('words'), '--yes', '--json'];
  return home.run(args, { nodeArgs });
}

async function expectReady(home: TemporaryHome): Promise<void> {
  const doctor = await home.run(['target', 'doctor', 'main', '--json']);
  expect(doctor, doctor.stdout).toMatchObject({ code: 0 });
  expect((await lastLine(home.path('words'))).split(' ')).toHaveLength(24);
}

describe('a set-up that was killed', () => {
  it('while it reserved the place of the words: says which empty file to remove, then comes to its end', async () => {
    await using home = await TemporaryHome.make();
    expect(await init(home, killedAfterOpening('/words'))).toMatchObject({ signal: 'SIGKILL' });
    const told = await init(home);
    expect(told.code).toBe(6);
    expect(told.stdout).toContain('it is empty: remove it, then run this again');
    await rm(home.path('words'));
    expect(await init(home)).toMatchObject({ code: 0 });
    await expectReady(home);
  });

  it('while it wrote the passphrase: says which empty file to remove, then comes to its end', async () => {
    await using home = await TemporaryHome.make();
    expect(await init(home, killedAfterOpening('main.passphrase'))).toMatchObject({ signal: 'SIGKILL' });
    expect((await init(home)).stdout).toContain(`remove ${passphraseFile(home)}`);
    await rm(passphraseFile(home));
    await rm(home.path('words'));
    expect(await init(home)).toMatchObject({ code: 0 });
    await expectReady(home);
  });

  it('before it wrote the configuration: takes up the repository, its passphrase and its words', async () => {
    await using home = await TemporaryHome.make();
    expect(await init(home, killedAfterOpening('.new', 'holdfast.config'))).toMatchObject({ signal: 'SIGKILL' });
    expect(await isThere(configFile(home))).toBe(false);
    const kept = await lastLine(home.path('words'));
    const again = await init(home);
    expect(again, again.stdout).toMatchObject({ code: 0 });
    expect(JSON.parse(again.stdout)).toMatchObject({ how: 'resumed', recoveryFile: home.path('words') });
    expect(await lastLine(home.path('words'))).toBe(kept);
    await expectReady(home);
  });

  it('before it wrote the words: makes new ones, for nobody has the first', async () => {
    await using home = await TemporaryHome.make();
    expect(await init(home)).toMatchObject({ code: 0 });
    await rm(configFile(home));
    await writeFile(home.path('words'), '');
    expect((await init(home)).stdout).toContain('it is empty: remove it');
    await rm(home.path('words'));
    expect(await init(home)).toMatchObject({ code: 0 });
    await expectReady(home);
  });
});
