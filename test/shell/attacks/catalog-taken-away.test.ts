import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Installation } from '../../../core/shell/site/installation.ts';

const root = join(import.meta.dirname, '../../..');

test('a catalog that is taken away under a process that stays is said so, once', async () => {
  const home = await mkdtemp(join(tmpdir(), 'holdfast-taken-'));
  const logged: string[] = [];
  try {
    await mkdir(join(home, 'data'));
    await using here = new Installation({
      root,
      code: root,
      cwd: home,
      env: { HOME: home },
      invocation: 'holdfast',
      globals: { config: null, home },
      log: (level, text) => void logged.push(`${level} ${text}`),
      isQuick: () => true,
      frontCommands: [],
      sessions: null,
      now: () => 0,
    });
    await here.watch();
    const site = here.use({ actor: { name: 'ann', roles: [], from: 'local', session: 'a' }, ask: null, out: null });
    await site.catalog();
    await here.look();
    await here.look();
    expect(logged).toEqual([]);
    await rm(join(home, 'data', 'catalog.db'));
    await here.look();
    await writeFile(join(home, 'data', 'catalog.db'), '');
    await here.look();
    expect(logged).toEqual([expect.stringMatching(/^error .*catalog\.db was taken away while this process uses it/)]);
    await site[Symbol.asyncDispose]();
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});
