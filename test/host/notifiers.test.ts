import { makeCall, type Notice } from '@holdfast/api';
import { expect, test } from 'vitest';
import { Installation, opening, openSettings, quiet } from './support/plugin-folder.ts';

const notice: Notice = {
  id: 'n-1',
  at: 1,
  kind: 'test',
  severity: 'info',
  title: 'a title',
  text: 'a text',
  remedy: null,
  from: 'here',
  facts: {},
};

const module = `
export function activate(context) {
  context.registerNotifier('bell', async ({ settings, secret }) => ({
    async send(notice, call) {
      if (settings.isStuck) await new Promise((resolve) => call.signal.addEventListener('abort', resolve));
      if (call.signal.aborted) throw call.signal.reason;
      call.log('info', notice.id + ' with ' + (await secret('key')));
    },
    async check() { return [{ title: 'bell', state: 'ok', detail: 'it rings' }]; },
    async close() {},
  }));
}
`;

function addBell(at: Installation, secrets: readonly string[], manifest: object = {}): void {
  const folder = at.write('added', 'bell', {
    'package.json': {
      name: 'bell',
      version: '1.0.0',
      type: 'module',
      main: './plugin.ts',
      engines: { holdfast: '^1.0.0' },
      contributes: { notifiers: [{ id: 'bell', title: 'A bell', settings: './settings.json' }] },
      permissions: { secrets },
      ...manifest,
    },
    'settings.json': { ...openSettings, properties: { key: { type: 'string', secret: true } } },
    'plugin.ts': module,
  });
  at.trust(folder, 'bell');
}

for (const place of ['in-process', 'worker'] as const) {
  test(`a notifier needs no capability sheet and is told notices (${place})`, async () => {
    await using at = new Installation();
    addBell(at, ['key']);
    const host = await at.host({ addedPlace: place });
    expect(host.plugins()[0]?.problems).toEqual([]);
    expect(host.notifiers()).toMatchObject([{ plugin: 'bell', contribution: { id: 'bell', title: 'A bell' } }]);
    const bell = await host.openNotifier(opening({ key: 'env:X' }, 'bell'), quiet);
    const lines: string[] = [];
    await bell.send(notice, makeCall({ log: (_level, line) => void lines.push(line) }));
    expect(lines).toEqual(['n-1 with secret of key']);
    expect(await bell.check(quiet)).toMatchObject([{ state: 'ok' }]);
    await bell.close(quiet);
  });

  test(`a notifier reads no secret that its manifest does not name (${place})`, async () => {
    await using at = new Installation();
    addBell(at, []);
    const host = await at.host({ addedPlace: place });
    const bell = await host.openNotifier(opening({ key: 'env:X' }, 'bell'), quiet);
    await expect(bell.send(notice, quiet)).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
  });
}

test('a notifier that never answers does so for as long as its call may take', async () => {
  await using at = new Installation();
  addBell(at, ['key']);
  const host = await at.host();
  const bell = await host.openNotifier(opening({ isStuck: true }, 'bell'), quiet);
  const call = makeCall({ deadline: Date.now() + 50 });
  await expect(bell.send(notice, call)).rejects.toMatchObject({ code: 'TIMEOUT' });
});

test('a notifier that is used as a target is not found', async () => {
  await using at = new Installation();
  addBell(at, ['key']);
  const host = await at.host();
  await expect(host.openObjectStore(opening({}, 'bell'), quiet)).rejects.toMatchObject({ code: 'PLUGIN_NOT_FOUND' });
});

test('a notifier with a sheet that nobody asks for is told so', async () => {
  await using at = new Installation();
  addBell(at, ['key'], {
    contributes: { notifiers: [{ id: 'bell', title: 'A bell', settings: './settings.json', answers: './x.json' }] },
  });
  const host = await at.host();
  expect(JSON.stringify(host.plugins()[0]?.problems)).toContain('answers');
});
