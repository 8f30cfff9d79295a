import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Actor } from '../../../core/shell/access/contract.ts';
import type { Ask } from '../../../core/shell/contract.ts';
import { Installation } from '../../../core/shell/site/installation.ts';

const root = join(import.meta.dirname, '../../..');
const view: Actor = { name: 'view', roles: ['viewer'], from: '10.0.0.1', session: 'a-1' };
const admin: Actor = { name: 'admin', roles: ['administrator'], from: '10.0.0.2', session: 'b-1' };
let home = '';

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'holdfast-whose-'));
});

afterEach(() => rm(home, { recursive: true, force: true }));

const installation = (): Installation =>
  new Installation({
    root,
    code: root,
    cwd: home,
    env: { HOME: home },
    invocation: 'holdfast',
    globals: { config: null, home },
    log: () => {},
    isQuick: () => true,
    frontCommands: [],
    sessions: null,
    now: () => 0,
  });

const asking = (who: string, asked: string[]): Ask => ({
  text: async () => {
    asked.push(who);
    throw new Error(`${who} says nothing`);
  },
  confirm: async () => false,
});

test('a passphrase that somebody’s command needs is asked of them, not of whoever looked at secrets first', async () => {
  await using here = installation();
  const asked: string[] = [];
  const { signal } = new AbortController();
  await using first = here.use({ actor: view, ask: asking('view', asked), out: null });
  await first.secrets();
  await using second = here.use({ actor: admin, ask: asking('admin', asked), out: null });
  const { SealedStore } = await import('../../../core/config/secrets/sealed-store.ts');
  await new SealedStore(second.folders, async () => 'a passphrase').set('thing', 'value');
  await (await second.secrets()).resolve('sealed:thing', signal).catch(() => {});
  expect(asked).toEqual(['admin']);
});

test('what needs a passphrase and has nobody to ask asks nobody', async () => {
  await using here = installation();
  const asked: string[] = [];
  const { signal } = new AbortController();
  await using first = here.use({ actor: view, ask: asking('view', asked), out: null });
  await first.secrets();
  await using second = here.use({ actor: admin, ask: null, out: null });
  const { SealedStore } = await import('../../../core/config/secrets/sealed-store.ts');
  await new SealedStore(second.folders, async () => 'a passphrase').set('thing', 'value');
  await expect((await second.secrets()).resolve('sealed:thing', signal)).rejects.toThrow();
  expect(asked).toEqual([]);
});
