import { HoldfastError } from '@holdfast/api';
import { expect, test } from 'vitest';
import { addEndpointPage, addTargetPage } from '../../../core/terminal/workbench/flows/add/add-page.ts';
import { type Args, answer, command, may, press, SmallBench, type SmallDeskParts, shot, until } from './small-desk.ts';

const kvm = {
  type: 'object',
  required: ['path'],
  properties: {
    path: { type: 'string', description: 'folder that holds the machines' },
    sockets: { type: 'integer', description: 'how many at once', default: 4 },
  },
};
const parts: SmallDeskParts = {
  answers: {
    'plugin.settings': ({ use }) => answer('', { schema: use === 'kvm' ? kvm : { type: 'object', properties: {} } }),
    'endpoint.add': ({ dryRun }) => answer(dryRun === true ? '● answers  2 machines found' : 'added'),
    'target.add': () => answer('would set up the target'),
    init: () => answer('would set up the first target'),
  },
  choices: (_command, argument) => (argument === 'use' ? [may('kvm', 'QEMU and KVM')] : []),
};
const open = (given: Args = {}, more: SmallDeskParts = parts) => {
  const bench = new SmallBench(more);
  return { bench, page: addEndpointPage(bench, command('endpoint.add'), given) };
};

test('the only kind is chosen by itself, and its settings are asked for as its plugin describes them', async () => {
  const { page } = open();
  await until('the settings', () => shot(page).includes('*path'));
  expect(shot(page)).toContain('sockets');
  expect(page.commandLine()).toBe('holdfast endpoint add NAME --use kvm');
  page.close?.();
});

test('what is typed becomes the command line, what would happen is shown, and Enter adds it', async () => {
  const { page, bench } = open();
  await until('the settings', () => shot(page).includes('*path'));
  press(page, 'lab<tab><tab>/srv/machines');
  await until('the check', () => shot(page).includes('2 machines found'));
  expect(page.commandLine()).toBe('holdfast endpoint add lab --use kvm --set path=/srv/machines');
  press(page, '<enter>');
  await until('it is done', () => bench.desk.done.length === 1);
  expect(bench.desk.done[0]?.args).toEqual({ name: 'lab', use: 'kvm', set: ['path=/srv/machines'], yes: true });
});

test('what its plugin requires is said to be missing before anything is tried', async () => {
  const { page, bench } = open({ name: 'lab' });
  await until('the settings', () => shot(page).includes('*path'));
  expect(shot(page)).toContain('path is needed');
  press(page, '<enter>');
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(bench.desk.done).toEqual([]);
  page.close?.();
});

test('settings that were given come as they are, and a default is not written down', async () => {
  const { page } = open({ name: 'lab', use: 'kvm', path: '/srv', set: ['sockets=4'] });
  await until('the settings', () => shot(page).includes('*path'));
  expect(page.commandLine()).toMatch(/^holdfast endpoint add lab --use kvm --set path=\/srv/);
  page.close?.();
});

test('a kind whose plugin is gone is told by the preview', async () => {
  const problem = new HoldfastError('PLUGIN_NOT_FOUND', 'no plugin contributes the hypervisor kvm', {
    remedy: 'add it',
  });
  const { page } = open(
    { name: 'lab', use: 'kvm' },
    {
      ...parts,
      answers: { 'plugin.settings': () => Promise.reject(problem), 'endpoint.add': () => Promise.reject(problem) },
    },
  );
  await until('the problem', () => shot(page).includes('no plugin contributes the hypervisor kvm'));
  page.close?.();
});

test('the first target is added by init, with the same form', async () => {
  const bench = new SmallBench(parts);
  const page = addTargetPage(bench, command('init'));
  await until('the settings', () => shot(page).includes('*path'));
  expect(shot(page)).toContain('Set up the first target');
  expect(page.commandLine()).toBe('holdfast init --use kvm');
  press(page, '/backup');
  expect(page.commandLine()).toBe('holdfast init --use kvm --set path=/backup');
  page.close?.();
});

for (const [width, height] of [
  [80, 24],
  [120, 40],
  [200, 60],
] as const) {
  test(`adding a hypervisor fits into ${width}x${height}`, async () => {
    const { page } = open({ name: 'lab', use: 'kvm', path: '/srv' });
    await until('the check', () => shot(page, width, height).includes('2 machines found'));
    await expect(shot(page, width, height)).toMatchFileSnapshot(`golden/add-${width}x${height}.txt`);
    page.close?.();
  });
}
