import { HoldfastError, makeCall } from '@holdfast/api';
import { expect, test } from 'vitest';
import { run as addEndpoint } from '../../core/shell/commands/endpoint/add.ts';
import { run } from '../../core/shell/commands/plugin/settings.ts';
import { plainStyle } from '../../core/shell/render/text-style.ts';
import { renderView } from '../../core/shell/render/view.ts';
import { siteWith } from './site.ts';

const settings = {
  type: 'object',
  required: ['path'],
  properties: {
    path: { type: 'string', description: 'folder that holds the machines' },
    mode: { enum: ['fast', 'safe'], default: 'safe' },
  },
};
const contribution = { id: 'kvm', title: 'QEMU and KVM', settings: 's', answers: 'a' };
const host = {
  plugins: () => [{ manifest: { name: 'kvm', contributes: {} }, state: 'idle' }],
  hypervisors: () => [{ plugin: 'kvm', contribution, settings, answers: {} }],
  targets: () => [],
  techniques: () => [],
};

test('settings of what a plugin contributes are told with what is needed, what may be chosen and what is the default', async () => {
  const answer = await run(siteWith({ host: async () => host as never }), { use: 'kvm' }, makeCall());
  expect(answer.data).toMatchObject({ use: 'kvm', kind: 'hypervisors', plugin: 'kvm', schema: settings });
  const lines = renderView(answer.view, plainStyle).join('\n');
  expect(lines).toMatch(/path +yes +string +– +folder that holds the machines/);
  expect(lines).toMatch(/mode +– +fast, safe +safe/);
});

test('a kind that nobody contributes is named, with the nearest one', async () => {
  const asked = run(siteWith({ host: async () => host as never }), { use: 'kvn' }, makeCall());
  await expect(asked).rejects.toMatchObject({
    code: 'PLUGIN_NOT_FOUND',
    remedy: expect.stringContaining('did you mean kvm?'),
  });
});

test('trying to add a hypervisor shows what its check finds and writes nothing, also when it does not answer', async () => {
  const site = (check: () => Promise<unknown>) =>
    siteWith({
      host: async () => host as never,
      config: async () => ({ config: { endpoints: {}, targets: {} } }) as never,
      configOptions: async () => ({ known: { endpoints: {}, targets: {}, plugins: {} } }) as never,
      folders: { config: '/nowhere' } as never,
      hypervisorOn: async () => ({ check }) as never,
    });
  const args = { name: 'lab', use: 'kvm', path: '/srv', dryRun: true };
  const found = await addEndpoint(
    site(async () => [{ title: 'the folder can be read', state: 'ok', detail: '/srv' }]),
    args,
    makeCall(),
  );
  expect(renderView(found.view, plainStyle).join('\n')).toContain('● ok   the folder can be read');
  const silent = await addEndpoint(
    site(() => Promise.reject(new HoldfastError('ENDPOINT_UNREACHABLE', 'nobody answers at /srv'))),
    args,
    makeCall(),
  );
  expect(renderView(silent.view, plainStyle).join('\n')).toContain('nobody answers at /srv');
});
