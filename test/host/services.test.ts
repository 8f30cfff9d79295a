import { type Hypervisor, makeCall } from '@holdfast/api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { testPlugin } from '../../core/host/authoring/test-plugin.ts';
import { mediaModule } from './support/media-module.ts';
import { emptySheet, Installation, opening, openSettings, quiet, targetFiles } from './support/plugin-folder.ts';

let at: Installation;
beforeEach(() => {
  at = new Installation();
});
afterEach(async () => {
  await at[Symbol.asyncDispose]();
});

const libraryFiles = (module: string) =>
  targetFiles('changer', module, {
    contributes: {
      targets: [
        {
          id: 'changer',
          title: 'A library',
          shape: 'media-library',
          settings: './settings.json',
          answers: './answers.json',
        },
      ],
    },
  });
const fixtures = { changer: { prepare: async () => ({ settings: {}, scratch: 'HF0001L9' }) } };

test('a media library and its drives conform in process and across a worker, with equal results', async () => {
  const folder = at.write('shipped/targets', 'changer', libraryFiles(mediaModule));
  const report = await testPlugin(folder, { fixtures });
  const results = report.contributions.flatMap((one) => [...one.inProcess.results, ...one.acrossWorker.results]);
  expect(results.filter((r) => !r.ok).map((r) => `${r.name}: ${r.failure}`)).toEqual([]);
  expect(results.length).toBeGreaterThan(16);
  expect(report).toMatchObject({ ok: true, contributions: [{ differences: [] }] });
});

test('the kit finds what a careless library does', async () => {
  const careless: readonly [string, string, string, RegExp][] = [
    ['puts two in one slot', 'if (other !== null)', 'if (false)', /was accepted; it must fail with MEDIA_ELEMENT_FULL/],
    [
      'appends in the middle',
      '...cartridge.blocks.slice(0, head), block',
      '...cartridge.blocks, block',
      /the tape holds/,
    ],
    [
      'loses its place',
      'block: head, atBeginning',
      'block: head + 1, atBeginning',
      /told to go to block 0, it stands at 1/,
    ],
  ];
  for (const [what, from, to, finding] of careless) {
    expect(mediaModule).toContain(from);
    const folder = at.write('shipped/targets', what.replaceAll(' ', '-'), libraryFiles(mediaModule.replace(from, to)));
    const report = await testPlugin(folder, { fixtures });
    const failures = report.contributions.flatMap((one) => one.inProcess.results).filter((r) => !r.ok);
    expect(failures.map((r) => r.failure).join('\n'), what).toMatch(finding);
  }
});

const guestModule = `
import { HoldfastError, type Hypervisor, type PluginContext } from '@holdfast/api';
const open = (): Hypervisor => ({
  async guest(machine, call) {
    if (machine !== 'm') throw new HoldfastError('MACHINE_NOT_FOUND', 'no machine ' + machine);
    let frozen = 0;
    return {
      async freeze(limitMs) { frozen = 2; return { fileSystems: limitMs > 0 ? frozen : 0 }; },
      async thaw() { frozen = 0; },
      async run(argv) { return { exitCode: frozen, stdout: argv.join('|'), stderr: '' }; },
      async close() {},
    };
  },
  async *watch(call) {
    yield { kind: 'gone', machine: 'first' };
    call.signal.throwIfAborted();
    await new Promise((_, reject) => call.signal.addEventListener('abort', () => reject(call.signal.reason)));
  },
  check: async () => [{ title: 'deadline', state: 'ok', detail: '' }],
  async *machines() {},
  async *owned() {},
  snapshot: async () => { throw new Error('none') },
  release: async () => {},
  removeOwned: async () => {},
  openDisk: async () => { throw new Error('none') },
  closeDisk: async () => {},
  close: async () => {},
}) as Partial<Hypervisor> as Hypervisor;
export function activate(context: PluginContext): void { context.registerHypervisor('hv', async () => open()); }
`;

for (const addedPlace of ['in-process', 'worker'] as const) {
  test(`services within services, optional methods and endless streams cross the boundary (${addedPlace})`, async () => {
    const folder = at.write('added', 'hv', {
      'package.json': {
        name: 'hv',
        version: '1.0.0',
        type: 'module',
        main: './plugin.ts',
        engines: { holdfast: '^1.0.0' },
        contributes: {
          hypervisors: [{ id: 'hv', title: 'Hypervisor', settings: './settings.json', answers: './answers.json' }],
        },
      },
      'settings.json': openSettings,
      'answers.json': emptySheet('movement', 'snapshot'),
      'plugin.ts': guestModule,
    });
    at.trust(folder, 'hv');
    const hypervisor: Hypervisor = await (await at.host({ addedPlace })).openHypervisor(opening({}, 'hv'), quiet);
    expect(hypervisor.migrate).toBeUndefined();
    expect(hypervisor.changes).toBeUndefined();
    const guest = await hypervisor.guest?.('m', quiet);
    expect(await guest?.freeze(1000, quiet)).toEqual({ fileSystems: 2 });
    expect(await guest?.run(['echo', '$HOME; rm'], quiet)).toEqual({
      exitCode: 2,
      stdout: 'echo|$HOME; rm',
      stderr: '',
    });
    await guest?.thaw(quiet);
    expect((await guest?.run([], quiet))?.exitCode).toBe(0);
    await guest?.close(quiet);
    await expect(hypervisor.guest?.('x', quiet)).rejects.toMatchObject({ code: 'MACHINE_NOT_FOUND' });

    const controller = new AbortController();
    const seen: unknown[] = [];
    const watching = (async () => {
      for await (const change of hypervisor.watch?.(makeCall({ signal: controller.signal })) ?? []) {
        seen.push(change);
        controller.abort();
      }
    })();
    await expect(watching).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(seen).toEqual([{ kind: 'gone', machine: 'first' }]);
    // Leaving is not waiting: a stream that has nothing more to say lets go at once.
    for await (const _ of hypervisor.watch?.(quiet) ?? []) break;
  });
}

test('a service that lacks what the contract demands is refused when it is opened', async () => {
  for (const [answer, message] of [
    [
      '{ machines: async function* () {}, close: async () => {} }',
      /answered a hypervisor without check, snapshot, release/,
    ],
    ['null', /answered no hypervisor for endpoint my-hv/],
    ['"text"', /answered no hypervisor/],
  ] as const) {
    await using here = new Installation();
    const folder = here.write('added', 'hv', {
      'package.json': {
        name: 'hv',
        version: '1.0.0',
        type: 'module',
        main: './plugin.ts',
        engines: { holdfast: '^1.0.0' },
        contributes: {
          hypervisors: [{ id: 'hv', title: 'Hypervisor', settings: './settings.json', answers: './answers.json' }],
        },
      },
      'settings.json': openSettings,
      'answers.json': emptySheet('movement', 'snapshot'),
      'plugin.ts': `export function activate(context: import('@holdfast/api').PluginContext) { context.registerHypervisor('hv', async () => (${answer}) as never); }`,
    });
    here.trust(folder, 'hv');
    const host = await here.host({ addedPlace: 'in-process' });
    await expect(host.openHypervisor(opening({}, 'hv'), quiet)).rejects.toMatchObject({
      code: 'PLUGIN_FAILED',
      message: expect.stringMatching(message),
    });
  }
});
