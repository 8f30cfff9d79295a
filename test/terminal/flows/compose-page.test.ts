import { type CommandResult, HoldfastError } from '@holdfast/api';
import { expect, test } from 'vitest';
import { composePage } from '../../../core/terminal/workbench/flows/compose/compose-page.ts';
import {
  type Args,
  answer,
  command,
  may,
  noon,
  press,
  SmallBench,
  type SmallDeskParts,
  shot,
  until,
} from './small-desk.ts';

const protect = command('protect');

const quiesce = {
  type: 'object',
  properties: { quiesce: { enum: ['none', 'filesystem', 'application'], default: 'none', description: 'how still' } },
};
const scan = {
  type: 'object',
  properties: { engine: { type: 'string', description: 'which engine looks' } },
};

function plan(args: Args): CommandResult {
  const step = (use: string, slots: string[]) => ({
    use,
    title: use,
    readBytes: 1,
    writeBytes: 1,
    durationMs: 1,
    slots,
  });
  return answer('1 snapshot: freeze all disks', {
    dryRun: true,
    plans: [
      {
        machineName: 'web-07',
        readBytes: 4 * 1024 ** 3,
        writeBytes: 1024 ** 3,
        durationMs: 38_000,
        warnings: [],
        expires: [],
        steps: [step('snapshot', ['snapshot:lab']), step('proxy', [])],
      },
    ],
    set: args.set ?? [],
  });
}

const everything: SmallDeskParts = {
  answers: {
    'plugin.settings': ({ use }) =>
      answer('', { schema: use === 'snapshot' ? quiesce : use === 'scan' ? scan : { type: 'object', properties: {} } }),
    'config.show': () => answer('', { config: { targets: { main: {} }, keep: { main: { daily: 14, weekly: 8 } } } }),
    'run.list': () => answer('', { runs: [] }),
    protect: (args) => (args.dryRun === true ? plan(args) : answer('web-07 protected')),
  },
  choices: (_command, argument, given) => {
    if (argument === 'machines') return [may('web-07', 'lab'), may('erp-db', 'lab', 'its disks are raw devices')];
    if (argument === 'to') return [may('main', 'disk folder')];
    const chosen = given.steps as readonly string[];
    const fits = (needs: string | null): string | null =>
      needs === null || chosen.includes(needs) ? null : `it needs a ${needs}, and nothing before it gives one`;
    const already = (use: string): string | null =>
      chosen.includes(use) ? `it is step ${chosen.indexOf(use) + 1} already` : null;
    return [
      may('snapshot', 'Freeze all disks', already('snapshot')),
      may('proxy', 'Read a snapshot', already('proxy') ?? fits('snapshot')),
      may('cdp', 'Follow each write', 'it needs a change stream: lab offers changed blocks only'),
    ];
  },
};

const open = (parts: SmallDeskParts = everything, given: Args = { machines: ['web-07'] }) => {
  const bench = new SmallBench(parts);
  return { bench, page: composePage(bench, protect, given) };
};

test('the composer shows steps, retention and the plan, and the command line that does the same', async () => {
  const { page } = open();
  await until('the plan', () => shot(page, 100, 28).includes('nothing expires'));
  const frame = shot(page, 100, 28);
  expect(frame).toContain('1 snapshot');
  expect(frame).toContain('2 proxy');
  expect(frame).toContain('keeps 14 daily, 8 weekly on main');
  expect(frame).toContain('reads 4 GiB, writes 1 GiB · takes about 38 s · holds snapshot:lab · nothing expires');
  expect(page.commandLine()).toBe('holdfast protect web-07');
  page.close?.();
});

test('a step that is not possible is named with its reason and cannot be added', async () => {
  const { page, bench } = open();
  await until('the offers', () => shot(page, 100, 28).includes('change stream'));
  press(page, 'a');
  expect(shot(page, 100, 28)).toContain('Add a step');
  press(page, 'cdp<enter>');
  await new Promise((resolve) => setTimeout(resolve, 1));
  expect(shot(page, 100, 28)).toContain('it needs a change stream: lab offers changed blocks only');
  press(page, '<escape>');
  expect(page.commandLine()).toBe('holdfast protect web-07');
  expect(bench.desk.done).toEqual([]);
  page.close?.();
});

test('taking a step away tells at once why the next one does not fit any more, and Enter does nothing', async () => {
  const { page, bench } = open();
  await until('the plan', () => shot(page, 100, 28).includes('nothing expires'));
  press(page, 'x');
  await until('the reason', () => shot(page, 100, 28).includes('✗ 1 proxy'));
  expect(shot(page, 100, 28)).toContain('it needs a snapshot, and nothing before it gives one');
  press(page, '<enter>');
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(bench.desk.done).toEqual([]);
  page.close?.();
});

test('a step put in the wrong order says why, and moving it back makes it fit', async () => {
  const { page } = open();
  await until('the plan', () => shot(page, 100, 28).includes('nothing expires'));
  press(page, 'J');
  await until('the reason', () => shot(page, 100, 28).includes('✗ 1 proxy'));
  press(page, 'K');
  await until('that it fits', () => !shot(page, 100, 28).includes('✗ 1 proxy'));
  expect(shot(page, 100, 28)).toContain('1 snapshot');
  page.close?.();
});

test('a plugin that comes while the composer is open is offered at once, and one that goes leaves its step named', async () => {
  let isThere = false;
  const { page, bench } = open({
    ...everything,
    choices: (name, argument, given) => {
      const known = everything.choices?.(name, argument, given) ?? [];
      return isThere && argument === 'steps' ? [...known, may('scan', 'Look for malware')] : known;
    },
  });
  await until('the plan', () => shot(page, 100, 28).includes('nothing expires'));
  isThere = true;
  bench.desk.change('plugins');
  await until('the offer', () => shot(page, 100, 28).includes('scan'));
  press(page, 'ascan<enter>');
  await until('the step and its setting', () => shot(page, 100, 28).includes('scan engine'));
  expect(page.commandLine()).toBe('holdfast protect web-07 --steps snapshot,proxy,scan');
  isThere = false;
  bench.desk.change('plugins');
  await until('the named problem', () => shot(page, 100, 28).includes('no plugin offers scan now'));
  press(page, '<enter>');
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(bench.desk.done).toEqual([]);
  page.close?.();
});

test('settings of a step are asked for as its plugin describes them and are part of the command line', async () => {
  const { page, bench } = open();
  await until('the setting', () => shot(page, 100, 28).includes('snapshot quiesce'));
  press(page, '<tab><tab><right>');
  await until('the choice', () => (page.commandLine() ?? '').includes('--set'));
  expect(page.commandLine()).toBe('holdfast protect web-07 --set snapshot.quiesce=filesystem');
  press(page, '<enter>');
  await until('it is done', () => bench.desk.done.some(({ command: id }) => id === 'protect'));
  expect(bench.desk.done.at(-1)?.args).toEqual({
    machines: ['web-07'],
    set: ['snapshot.quiesce=filesystem'],
    yes: true,
  });
});

test('Enter protects what was planned and opens the run that this begins', async () => {
  const runs: Args[] = [];
  const { page, bench } = open({
    ...everything,
    answers: {
      ...everything.answers,
      'run.list': () =>
        answer('', { runs: [{ id: 'old', kind: 'protect', machineName: 'web-07', createdAt: noon - 1 }, ...runs] }),
      'run.show': () => answer('', { run: { id: 'a1b2c3d4', state: 'running' } }),
      protect: async (args) => {
        if (args.dryRun === true) return plan(args);
        runs.push({ id: 'a1b2c3d4', kind: 'protect', machineName: 'web-07', endpoint: 'lab', createdAt: noon });
        return new Promise(() => {});
      },
    },
  });
  press(page, '<enter>');
  await until('that it works', () => shot(page, 100, 28).includes('at work'));
  bench.tick(page);
  await until('the page of the run', () => bench.opened.length === 1);
  expect(bench.opened[0]?.id).toBe('run:a1b2c3d4');
  bench.tick(page);
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(bench.opened).toHaveLength(1);
});

test('machines are ticked in a list; one that cannot be protected says why', async () => {
  const { page } = open(everything, {});
  await until('the list', () => shot(page, 100, 28).includes('Machines to protect'));
  expect(shot(page, 100, 28)).toContain('its disks are raw devices');
  press(page, 'web<enter>');
  await until('the tick', () => shot(page, 100, 28).includes('✓ web-07'));
  press(page, '<escape>');
  await until('the plan', () => shot(page, 100, 28).includes('nothing expires'));
  expect(page.commandLine()).toBe('holdfast protect web-07');
  page.close?.();
});

test('a machine that an endpoint only shows now is offered as soon as it has answered', async () => {
  let isSeen = false;
  const { page } = open(
    {
      ...everything,
      answers: {
        ...everything.answers,
        'machine.list': () => {
          isSeen = true;
          return answer('');
        },
      },
      choices: (name, argument, given) => [
        ...(everything.choices?.(name, argument, given) ?? []),
        ...(isSeen && argument === 'machines' ? [may('new-01', 'lab')] : []),
      ],
    },
    {},
  );
  await until('the new machine', () => shot(page, 100, 28).includes('new-01'));
  page.close?.();
});

test('what the engine refuses is told with its remedy', async () => {
  const problem = new HoldfastError('MACHINE_BUSY', 'another run is working on web-07', { remedy: 'wait for it' });
  const { page } = open({
    ...everything,
    answers: { ...everything.answers, protect: () => Promise.reject(problem) },
  });
  await until('the refusal', () => shot(page, 100, 28).includes('another run is working on web-07'));
  expect(shot(page, 100, 28)).toContain('wait for it');
  page.close?.();
});

test('names that act on a terminal are drawn as text', async () => {
  const evil = 'web\x1b[2J\x07\u202e-07';
  const { page } = open(everything, { machines: [evil] });
  await until('the plan', () => shot(page, 100, 28).includes('nothing expires'));
  expect(shot(page, 100, 28)).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
  page.close?.();
});

for (const [width, height] of [
  [80, 24],
  [120, 40],
  [200, 60],
] as const) {
  test(`the composer fits into ${width}x${height}`, async () => {
    const { page } = open();
    await until('the plan', () => shot(page, width, height).includes('holds snapshot'));
    await expect(shot(page, width, height)).toMatchFileSnapshot(`golden/compose-${width}x${height}.txt`);
    page.close?.();
  });
}

test('the smallest windows are drawn without a mistake', async () => {
  const { page } = open();
  await until('the plan', () => shot(page).includes('holds snapshot'));
  for (const [width, height] of [
    [1, 1],
    [8, 3],
    [40, 10],
    [500, 200],
  ] as const)
    shot(page, width, height);
  page.close?.();
});

test('a change of runs and points, which planning itself makes, is no reason to plan again', async () => {
  const { page, bench } = open();
  await until('the plan', () => shot(page, 100, 28).includes('nothing expires'));
  const before = bench.desk.ran.length;
  bench.desk.change('points');
  bench.desk.change('runs');
  page.refresh?.();
  expect(shot(page, 100, 28)).not.toContain('working it out');
  expect(bench.desk.ran).toHaveLength(before);
  bench.desk.at += 60_000;
  page.refresh?.();
  expect(shot(page, 100, 28)).toContain('working it out');
  page.close?.();
});

test('a click on the last row of the steps shows what may be added, and one on a setting goes there', async () => {
  const { page } = open();
  await until('the plan', () => shot(page, 100, 28).includes('nothing expires'));
  const click = (y: number) => page.mouse?.({ kind: 'mouse', action: 'press', button: 'left', x: 3, y });
  const rows = shot(page, 100, 28).split('\n');
  click(rows.findIndex((row) => row.includes('snapshot quiesce')));
  expect(page.hints().map(({ key }) => key)).toContain('ctrl+up');
  click(rows.findIndex((row) => row.includes('+ add a step')));
  expect(shot(page, 100, 28)).toContain('Add a step');
  page.close?.();
});
