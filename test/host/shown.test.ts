import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkPlugin } from '../../core/host/authoring/check-plugin.ts';
import { listPlugins } from '../../core/host/authoring/list-plugins.ts';
import { PastFailures } from '../../core/host/past-failures.ts';
import { addTarget, Installation, memoryStoreModule, opening, quiet, targetFiles } from './support/plugin-folder.ts';

let at: Installation;
beforeEach(() => {
  at = new Installation();
});
afterEach(async () => {
  await at[Symbol.asyncDispose]();
});

const args = { type: 'object', properties: { name: { type: 'string' } } };
const commands = [
  { id: 'acme.usage', title: 'Show usage', args, danger: 'read' },
  { id: 'acme.clean', title: 'Clean up', args, danger: 'change' },
];
const contributes = {
  commands,
  views: [
    {
      id: 'acme.usage',
      title: 'Usage',
      activity: 'targets',
      command: 'acme.usage',
      refreshMs: 5000,
      open: { title: 'Open', command: 'acme.usage', argument: 'name' },
      actions: [{ key: 'ctrl+k', title: 'Clean up', command: 'acme.clean', argument: 'name' }],
    },
  ],
  keybindings: [{ key: 'g u', command: 'acme.usage', when: "view == 'machines'" }],
  themes: [{ id: 'acme.night', label: 'Acme night', uiTheme: 'vs-dark', path: './night.json' }],
  reports: [{ id: 'acme.bill', title: 'Bill', command: 'acme.usage', args: { name: 'x' } }],
  walkthroughs: [
    { id: 'acme.start', title: 'Start', steps: [{ title: 'Look', text: 'at it', command: 'machine.list' }] },
  ],
};
const night = '// dark\n{ "colors": { "editor.background": "#000000", }, }';
const module =
  'export function activate(context) { for (const id of ["acme.usage", "acme.clean"]) context.registerCommand(id, async () => ({ data: null, view: { kind: "markdown", title: "", text: "" } })); }';

function write(changes: object = {}, theme: string | null = night): string {
  return at.write('added', 'acme', {
    ...targetFiles('acme', module, { contributes: { ...contributes, ...changes } }),
    ...(theme === null ? {} : { 'night.json': theme }),
  });
}

const problemsOf = (folder: string) => checkPlugin(folder).problems.map(({ path, message }) => `${path} ${message}`);

describe('views, keys, themes, reports and walkthroughs of a plugin', () => {
  it('are listed with whose they are, once it is trusted', async () => {
    const folder = write();
    expect(problemsOf(folder)).toEqual([]);
    const stranger = await at.host();
    const all = (host: typeof stranger) => [
      host.views(),
      host.keybindings(),
      host.themes(),
      host.reports(),
      host.walkthroughs(),
    ];
    expect(all(stranger)).toEqual([[], [], [], [], []]);
    at.trust(folder, 'acme');
    const host = await at.host();
    expect(host.views()).toEqual([{ plugin: 'acme', view: contributes.views[0] }]);
    expect(host.keybindings()).toEqual([{ plugin: 'acme', binding: contributes.keybindings[0] }]);
    expect(host.themes()).toEqual([{ plugin: 'acme', theme: contributes.themes[0], file: join(folder, 'night.json') }]);
    expect(host.reports()).toEqual([{ plugin: 'acme', report: contributes.reports[0] }]);
    expect(host.walkthroughs()).toEqual([{ plugin: 'acme', walkthrough: contributes.walkthroughs[0] }]);
    expect(listPlugins(host)[0]?.contributes).toEqual([
      'command acme.usage',
      'command acme.clean',
      'view acme.usage',
      'report acme.bill',
      'theme acme.night',
      'walkthrough acme.start',
      'key g u',
    ]);
  });

  it('are refused by name where they cannot work', () => {
    const [view] = contributes.views;
    const bad = (changes: object) => problemsOf(write(changes));
    expect(bad({ views: [{ ...view, command: 'acme.usgae' }] })).toEqual([
      '/contributes/views/0 names the command acme.usgae, which this manifest does not have',
    ]);
    expect(bad({ views: [{ ...view, command: 'acme.clean' }] })).toEqual([
      '/contributes/views/0 names the command acme.clean, which does not only read',
    ]);
    expect(bad({ views: [{ ...view, args: { florp: 1 } }] })).toEqual([
      '/contributes/views/0 gives acme.usage the argument florp, which it does not take',
    ]);
    expect(bad({ views: [{ ...view, open: { title: 'x', command: 'acme.usage', argument: 'row' } }] })).toEqual([
      '/contributes/views/0/open gives acme.usage the argument row, which it does not take',
    ]);
    expect(bad({ views: [view, view] })).toEqual(['/contributes/views has acme.usage twice']);
    expect(bad({ views: [{ ...view, activity: 'attic', refreshMs: 10 }] })).toHaveLength(2);
    expect(bad({ views: [{ ...view, script: 'x' }] })).toEqual([
      '/contributes/views/0 has script, which is not known here',
    ]);
    expect(bad({ reports: [{ id: 'r', title: 'R', command: '../x' }] })).toHaveLength(1);
    expect(bad({ keybindings: [{ key: 'g u x', command: 'acme.usage' }] })).toHaveLength(1);
    expect(bad({ walkthroughs: [{ id: 'w', title: 'W', steps: [] }] })).toHaveLength(1);
    expect(bad({ views: Array.from({ length: 51 }, (_, n) => ({ ...view, id: `v${n}` })) })).toHaveLength(1);
  });

  it.each([
    ['is not there', null, './night.json'],
    ['leads out of the plugin’s folder', night, '../night.json'],
    ['is larger than 256 KiB', `{"x":"${'y'.repeat(300 * 1024)}"}`, './night.json'],
    ['is not JSON: something is wrong in line 2', '{\n"colors" }', './night.json'],
    ['is not an object', '[]', './night.json'],
    ['has a member named __proto__', '{"__proto__":{}}', './night.json'],
  ])('a theme file that %s is a named problem', (message, theme, path) => {
    const themes = [{ id: 't', label: 'T', uiTheme: 'vs-dark', path }];
    const folder = write({ themes }, theme);
    expect(checkPlugin(folder).problems).toEqual([{ file: path, path: '', message }]);
  });
});

describe('the page for authors', () => {
  it('shows one of each that the host takes as it is', () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/plugin-authors.md'), 'utf8');
    const section = /## What the workbench shows of a plugin\n(.*?)\n## /s.exec(page)?.[1] ?? '';
    const examples = [...section.matchAll(/```json\n(.*?)```/gs)].map(([, text]) => JSON.parse(`{${text}}`));
    const shown = Object.assign({}, ...examples);
    expect(Object.keys(shown).toSorted()).toEqual([
      'commands',
      'keybindings',
      'reports',
      'themes',
      'views',
      'walkthroughs',
    ]);
    const files = targetFiles('vault', module, { contributes: shown });
    expect(problemsOf(at.write('added', 'vault', { ...files, 'themes/night.json': night }))).toEqual([]);
  });
});

describe('a plugin that failed to start', () => {
  const broken = 'export function activate() { throw new Error("no licence"); }';

  it('is told of in the next process too, with when and why, until it starts or changes', async () => {
    const folder = addTarget(at, 'box', broken);
    const first = await at.host({}, { now: () => 1_000 });
    expect(first.plugins()[0]?.lastFailure).toBeNull();
    await expect(first.openObjectStore(opening(), quiet)).rejects.toMatchObject({ code: 'PLUGIN_FAILED' });
    const later = await at.host();
    expect(later.plugins()[0]).toMatchObject({
      state: 'idle',
      lastFailure: { at: 1_000, message: expect.stringContaining('no licence') },
    });
    expect(listPlugins(later)[0]?.lastFailure?.at).toBe(1_000);
    // Repaired: it is another content, and has not failed yet.
    writeFileSync(join(folder, 'plugin.ts'), memoryStoreModule);
    at.trust(folder, 'box');
    const repaired = await at.host();
    expect(repaired.plugins()[0]?.lastFailure).toBeNull();
  });

  it('is forgotten when it starts', async () => {
    const folder = addTarget(
      at,
      'box',
      `${memoryStoreModule}\nimport { existsSync } from 'node:fs';\nif (!existsSync('${join(at.root, 'ready')}')) throw new Error('not ready');`,
    );
    await expect((await at.host()).openObjectStore(opening(), quiet)).rejects.toMatchObject({ code: 'PLUGIN_FAILED' });
    expect((await at.host()).plugins()[0]?.lastFailure).not.toBeNull();
    writeFileSync(join(at.root, 'ready'), '');
    await (await at.host()).openObjectStore(opening(), quiet);
    expect((await at.host()).plugins()[0]?.lastFailure).toBeNull();
    expect(folder).not.toBe('');
  });

  it('is kept in a file that is bounded, and whatever is wrong with it loses nothing else', () => {
    const file = join(at.root, 'failed.json');
    const failures = new PastFailures(file);
    for (let n = 0; n < 150; n++) failures.add(`p${n}`, 'h', n, `\u001b[2J${'x'.repeat(10_000)}`);
    expect(readFileSync(file).length).toBeLessThan(100 * 800);
    expect(readFileSync(file, 'utf8')).not.toContain('\\u001b');
    const again = new PastFailures(file);
    expect(again.of('p0', () => 'h')).toBeNull();
    expect(again.of('p149', () => 'h')?.at).toBe(149);
    expect(again.of('p149', () => 'other')).toBeNull();
    for (const text of ['', 'null', '{"failures":7}', '{"failures":[null,{"plugin":1}]}']) {
      writeFileSync(file, text);
      expect(new PastFailures(file).of('p149', () => 'h')).toBeNull();
    }
  });
});
