import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Parts } from '../../../core/base/parts.ts';
import { Scope } from '../../../core/server/sessions/scope.ts';
import { openDesk } from '../../../core/shell/desk/open.ts';
import { Installation } from '../../../core/shell/site/installation.ts';

const root = join(import.meta.dirname, '../../..');
let home = '';

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'holdfast-heard-'));
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

const ann = { name: 'ann', roles: ['viewer'], from: '10.0.0.1', session: 'a-1' } as const;

test('one session that fails when it hears of a change keeps no other from hearing of it', async () => {
  await using here = installation();
  const heard: string[] = [];
  here.onChange(() => {
    throw new Error('a bug of one session');
  });
  here.onChange((change) => void heard.push(change));
  try {
    here.tell('runs');
  } catch {
    // Whoever told of the change is not to blame either.
  }
  expect(heard).toEqual(['runs']);
});

test('what goes wrong in a session when it hears of a change is blamed on that session, not on the server', async () => {
  await using here = installation();
  const scope = new Scope();
  const blamed: string[] = [];
  const answers: boolean[] = [];
  scope.run(
    () => void blamed.push('ann'),
    () => openDesk(here, ann, '0', false).onChange(() => void answers.push(scope.blame(new Error('a bug')))),
  );
  // As the timer does that looks for changes.
  here.tell('runs');
  expect(answers).toEqual([true]);
  expect(blamed).toEqual(['ann']);
});

test('a part that cannot be closed keeps no other open', async () => {
  const parts = new Parts();
  const closed: string[] = [];
  await parts.owned('first', async () => ({ close: async () => void closed.push('first') }));
  await parts.owned('second', async () => ({ close: () => Promise.reject(new Error('the disk is gone')) }));
  await parts.close().catch(() => {});
  expect(closed).toEqual(['first']);
});

test('a server that stops brings what goes on to a safe state and waits for it', async () => {
  await using here = installation();
  const steps: string[] = [];
  const work = async (): Promise<void> => {
    await new Promise<void>((resolve) => here.stopping.addEventListener('abort', () => resolve(), { once: true }));
    steps.push('told');
    await new Promise((resolve) => setTimeout(resolve, 20));
    steps.push('safe');
  };
  const going = here.during(work());
  await here.stop(5_000);
  steps.push('stopped');
  await going;
  expect(steps).toEqual(['told', 'safe', 'stopped']);
});
