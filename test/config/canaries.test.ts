import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { setInstance } from '../../core/config/edit.ts';
import { folders } from '../../core/config/folders.ts';
import { configRows, validateConfig } from '../../core/config/inspect.ts';
import { loadConfig } from '../../core/config/load.ts';
import { openSecrets } from '../../core/config/secrets/open-secrets.ts';
import { makeSite } from './site.ts';

const canaries = Array.from({ length: 20 }, (_, number) => `canary-${number}-9f3b`);
const [fromEnv, fromFile, fromCommand, fromKeyring, fromSystemd, fromSealed, sealKey, ...planted] = canaries;

/** Everything of an error, a result or a row that any front could print. */
function everything(of: unknown): string {
  const error = of instanceof Error ? `${of.stack}${String(of.cause)}` : '';
  return `${error}${inspect(of, { depth: 20, showHidden: true })}${JSON.stringify(of)}`;
}

test('twenty planted secrets appear in no error, row, problem or file of Holdfast', async () => {
  await using site = await makeSite();
  const seen: unknown[] = [];
  const collect = async (work: Promise<unknown>) => {
    seen.push(await work.catch((error: unknown) => error));
  };
  await site.write('bin/secret-tool', `#!/bin/sh\necho ${fromKeyring}; echo ${planted[0]} >&2; exit 3\n`, 0o700);
  await site.write('bin/leaky', `#!/bin/sh\necho ${fromCommand}; echo ${planted[1]} >&2; exit 9\n`, 0o700);
  const file = await site.write('secret', `${fromFile}\u0000`, 0o644);
  await site.write('credentials/c', `${fromSystemd}\n`);
  const env = {
    ...site.options.env,
    PATH: `${join(site.root, 'bin')}:${process.env.PATH}`,
    CREDENTIALS_DIRECTORY: join(site.root, 'credentials'),
    HOLDFAST_SEAL_PASSPHRASE: sealKey ?? '',
    PLANTED: fromEnv,
    HOLDFAST_TARGETS__MAIN__PASSPHRASE: planted[2],
  };
  const secrets = openSecrets({ env, folders: folders({ HOME: site.home }), sealCost: { N: 1024, r: 8, p: 1 } });
  const store = await secrets.sealed();
  await store.set('c', fromSealed ?? '');
  const signal = new AbortController().signal;
  const references = [
    `file:${file}`,
    'command:leaky',
    'keyring:a/b',
    'sealed:other',
    `systemd:${planted[3]}/..`,
    planted[4] ?? '',
  ];
  for (const reference of references) await collect(secrets.resolve(reference.replace(planted[3] ?? '', ''), signal));
  expect(await secrets.resolve('env:PLANTED', signal)).toBe(fromEnv);
  expect(await secrets.resolve('systemd:c', signal)).toBe(fromSystemd);
  expect(await secrets.resolve('sealed:c', signal)).toBe(fromSealed);

  await site.write(
    'home/office/holdfast.config.yaml',
    `targets: { main: { use: disk, path: 5, passphrase: ${planted[5]} }, other: { use: disk, path: { a: ${planted[6]} } } }\nworkers: ${planted[7]}\nslots: [${planted[8]}]\n`,
  );
  await site.write(
    site.userFile,
    `endpoints: { k: { use: kvm, folder: [${planted[9]}], password: ${planted[10]} } }\nkeep: ${planted[11]}\n`,
  );
  await collect(validateConfig({ ...site.options, env }));
  await collect(loadConfig({ ...site.options, env }));
  const broken = await site.write('broken.yaml', `a: "${planted[12]}\nb: 1\n`);
  await collect(loadConfig({ ...site.options, configFile: broken }));
  await collect(setInstance(broken, 'targets', 'x', { use: 'disk', path: '/a' }));
  const sound = await site.write(
    'sound.yaml',
    'targets: { main: { use: disk, path: /a, passphrase: "env:PLANTED" } }\n',
  );
  await collect(
    setInstance(
      sound,
      'targets',
      'x',
      { use: 'disk', path: '/a', passphrase: planted[5] },
      { known: site.options.known },
    ),
  );
  await site.write(site.userFile, '');
  await site.write('home/office/holdfast.config.yaml', '');
  const loaded = await loadConfig({ ...site.options, configFile: sound });
  seen.push(loaded, configRows(loaded), secrets, store);

  expect(seen.length).toBeGreaterThan(12);
  const text = seen.map(everything).join('\n');
  expect(text).toContain('env:PLANTED');
  for (const canary of canaries) expect(text).not.toContain(canary);
  expect(everything(await import('node:fs').then((fs) => fs.readFileSync(store.file, 'utf8')))).not.toContain('canary');
});
