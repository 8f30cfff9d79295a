import { type CommandResult, HoldfastError } from '@holdfast/api';
import { expect, test } from 'vitest';
import { answer, may, press, shot, until } from '../../../flows/small-desk.ts';
import { everything, gold, open, plan, set, written } from './stage.ts';

const width = 100;
const height = 30;
const see = (page: Parameters<typeof shot>[0], text: string): Promise<void> =>
  until(text, () => shot(page, width, height).includes(text));

/** A policy typed from nothing, by keys alone. */
async function typed() {
  const opened = open();
  const { page } = opened;
  await see(page, 'give the policy a name');
  press(page, 'web<tab>');
  // Template, title, paused.
  press(page, '<tab><tab><tab>');
  press(page, 'lab<tab>web-*<tab>');
  return opened;
}

test('a policy is composed by keys alone, and the footer has the command line that does the same', async () => {
  const { page, bench } = await typed();
  await see(page, '3 of 5: web-07, web-08, web-12');
  press(page, '<tab><tab><tab>');
  await see(page, 'snapshot quiesce');
  press(page, '<tab><tab>main<tab><tab>');
  page.paste?.('every 4h');
  press(page, '<tab>5h<tab>');
  await see(page, 'RPO 5h');
  await see(page, 'gains 2 machines · nothing expires');
  expect(page.commandLine()).toBe(
    "holdfast policy set web --endpoint lab --name 'web-*' --rpo 5h --every 4h --to main --apply",
  );
  press(page, '<enter>');
  await until('it is done', () => written(bench).length === 1);
  expect(bench.confirmed[0]).toMatchObject({ isDestroying: false });
  expect(written(bench).at(-1)?.args).toMatchObject({ policy: 'web', every: '4h', apply: true, yes: true });
  page.close?.();
});

test('what is typed says at once when it runs next and to how many points it leads', async () => {
  const { page } = open(everything, { policy: 'gold' });
  await see(page, '→ 20 points a machine');
  press(page, '<escape>jj<right>');
  press(page, '<tab><tab>');
  await see(page, 'next Sun 14:00, Sun 16:00, Sun 18:00 (Europe/London)');
  press(page, '<escape><escape>k<right><down>');
  page.close?.();
});

test('a schedule that is not understood is told with what is wrong, and nothing is planned with it', async () => {
  const { page, bench } = open(everything, { policy: 'gold' });
  await see(page, 'nothing expires');
  const before = bench.desk.ran.filter(({ command }) => command === 'policy.set').length;
  press(page, '<escape>jj<right>x');
  await see(page, '✗ ');
  expect(shot(page, width, height)).toContain('0 */2 * * *x');
  press(page, '<enter>');
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(bench.desk.ran.filter(({ command }) => command === 'policy.set')).toHaveLength(before);
  expect(written(bench)).toEqual([]);
  page.close?.();
});

test('of a policy that is there only what is changed is written; what is emptied is cleared', async () => {
  const { page } = open(everything, { policy: 'gold' });
  await see(page, 'nothing expires');
  expect(page.commandLine()).toBe('holdfast policy set gold --apply');
  expect(shot(page, width, height)).toContain('changes what is in /etc/holdfast/policies.yaml');
  press(page, '<tab>erp-*<tab><up><delete>');
  await until('the flags', () => (page.commandLine() ?? '').includes('--clear'));
  expect(page.commandLine()).toBe("holdfast policy set gold --name 'erp-*' --clear tag --apply");
  page.close?.();
});

test('a template fills in what nobody typed, and only its name is written', async () => {
  const { page } = open();
  await see(page, 'give the policy a name');
  press(page, 'shop<tab><right><right>');
  await until('the template', () => (page.commandLine() ?? '').includes('silver'));
  await see(page, 'RPO 24h');
  expect(page.commandLine()).toBe('holdfast policy set shop --template silver --apply');
  page.close?.();
});

test('steps that do not fit are dim with their reason; taking one away says why the next does not fit', async () => {
  const { page, bench } = open(everything, { policy: 'gold' });
  await see(page, 'nothing expires');
  press(page, '<escape>j<right>a');
  expect(shot(page, width, height)).toContain('it needs a change stream: lab offers changed blocks only');
  press(page, '<escape>x');
  await see(page, '✗ 1 proxy');
  press(page, '<enter>');
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(written(bench)).toEqual([]);
  expect(page.commandLine()).toContain('--steps proxy');
  page.close?.();
});

test('marked machines become names on their endpoint', async () => {
  const { page } = open(everything, { machine: ['lab/web-07', 'lab/erp-db'] });
  await see(page, '2 of 5: erp-db, web-07');
  press(page, 'two');
  expect(page.commandLine()).toBe('holdfast policy set two --endpoint lab --name web-07 --name erp-db --apply');
  page.close?.();
});

test('points that would expire are named before anything is put in force, and no is the end of it', async () => {
  const expires = [
    { point: 'a1b2c3d4e5f6', machineName: 'erp-db', takenAt: Date.UTC(2026, 10, 1), target: 'main' },
    { point: 'b2c3d4e5f6a1', machineName: 'web-07', takenAt: Date.UTC(2026, 10, 2), target: 'main' },
  ];
  const { page, bench } = open(
    { ...everything, answers: { ...everything.answers, 'policy.set': (args) => plan(args, { expires }) } },
    { policy: 'gold' },
  );
  await see(page, '2 restore points would expire');
  bench.says = false;
  press(page, '<enter>');
  await until('the question', () => bench.confirmed.length === 1);
  expect(bench.confirmed[0]?.consequence).toContain('2 restore points would expire');
  expect(bench.confirmed[0]?.consequence).toMatch(/erp-db +2026-11-01T00:00:00Z +a1b2c3d4 on main/);
  expect(bench.confirmed[0]?.isDestroying).toBe(true);
  expect(written(bench)).toEqual([]);
  page.close?.();
});

test('steps that the file has and that could not be composed here keep nobody from changing the rest', async () => {
  const twice = { ...gold, steps: ['snapshot', 'proxy', 'proxy'] };
  const words = everything.answers?.['policy.words'];
  if (words === undefined) throw new Error('nobody answers');
  const { page, bench } = open(
    {
      ...everything,
      answers: {
        ...everything.answers,
        'policy.words': (args, call) => {
          const { data, view } = words(args, call) as CommandResult;
          return { view, data: { ...(data as object), words: twice } };
        },
      },
    },
    { policy: 'gold' },
  );
  await see(page, 'nothing expires');
  press(page, '<escape>s');
  await until('it is done', () => written(bench).length === 1);
  page.close?.();
});

test('the question is of the file as it is then; what changes while it stands is not agreed to', async () => {
  const one = { point: 'a1b2c3d4e5f6', machineName: 'erp-db', takenAt: Date.UTC(2026, 10, 1), target: 'main' };
  const other = { ...one, point: 'b2c3d4e5f6a1', machineName: 'web-07' };
  let expires: readonly (typeof one)[] = [];
  const { page, bench } = open(
    {
      ...everything,
      answers: {
        ...everything.answers,
        'policy.set': (args) => (args.dryRun === true ? plan(args, { expires }) : answer('policy is in force')),
      },
    },
    { policy: 'gold' },
  );
  await see(page, 'nothing expires');
  // An editor writes the file.
  expires = [one];
  const confirm = bench.confirm.bind(bench);
  let isChanging = true;
  bench.confirm = async (...asked) => {
    if (isChanging) expires = [one, other];
    return confirm(...asked);
  };
  press(page, '<enter>');
  await see(page, 'something else by now');
  expect(bench.confirmed[0]?.consequence).toContain('erp-db');
  expect(bench.confirmed[0]?.consequence).not.toContain('web-07');
  expect(written(bench)).toEqual([]);
  isChanging = false;
  press(page, '<enter>');
  await until('it is done', () => written(bench).length === 1);
  expect(bench.confirmed[1]?.consequence).toContain('web-07');
  page.close?.();
});

test('saving asks nothing and puts nothing in force', async () => {
  const { page, bench } = open(everything, { policy: 'gold' });
  await see(page, 'nothing expires');
  press(page, '<escape>s');
  await until('it is done', () => written(bench).length === 1);
  expect(bench.confirmed).toEqual([]);
  expect(written(bench)[0]).toEqual({ command: 'policy.set', args: { policy: 'gold', yes: true } });
  await see(page, 'policy is in force');
  press(page, '<enter>');
  expect(bench.closed).toEqual([page]);
});

test('a promise that cannot be kept is told with its arithmetic; it is not applied, but can be saved', async () => {
  const refusals = [
    {
      policy: 'gold',
      workflow: 'backup',
      what: 'RPO 30 min is missed',
      arithmetic: ['2 h + 12 min > 30 min'],
      remedy: 'run it every 11 min',
    },
  ];
  const { page, bench } = open(
    { ...everything, answers: { ...everything.answers, 'policy.set': (args) => plan(args, { refusals }) } },
    { policy: 'gold' },
  );
  await see(page, '✗ RPO 30 min is missed: 2 h + 12 min > 30 min → run it every 11 min');
  press(page, '<enter>');
  expect(bench.toasts[0]?.text).toContain('cannot keep what it promises');
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(bench.confirmed).toEqual([]);
  expect(written(bench)).toEqual([]);
  press(page, '<escape>s');
  await until('it is saved', () => written(bench).length === 1);
  expect(written(bench)[0]?.args.apply).toBeUndefined();
  page.close?.();
});

test('what became of it meanwhile is told, and what is typed stays', async () => {
  const changed = new HoldfastError('CONFIG_CHANGED', 'policies.yaml was changed meanwhile', { remedy: 'look again' });
  const { page, bench } = open(
    {
      ...everything,
      answers: {
        ...everything.answers,
        'policy.set': (args) => (args.dryRun === true ? plan(args) : Promise.reject(changed)),
      },
    },
    { policy: 'gold' },
  );
  await see(page, 'nothing expires');
  press(page, '<enter>');
  await see(page, 'was changed meanwhile');
  expect(shot(page, width, height)).toContain('look again');
  expect(bench.closed).toEqual([]);
  page.close?.();
});

test('somebody who may not write policies is told so, and nothing is written', async () => {
  const denied = new HoldfastError('ACCESS_DENIED', 'your roles do not have policy set', {
    remedy: 'ask an administrator',
  });
  const { page, bench } = open(
    { ...everything, answers: { ...everything.answers, 'policy.set': () => Promise.reject(denied) } },
    { policy: 'gold' },
  );
  await see(page, 'your roles do not have policy set');
  expect(shot(page, width, height)).toContain('ask an administrator');
  press(page, '<escape><enter>s');
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(written(bench)).toEqual([]);
  page.close?.();
});

test('a file that is not valid is told with its problem', async () => {
  const broken = new HoldfastError('POLICY_INVALID', 'the policies are not valid: policies.yaml:3:5: unknown key');
  const { page } = open(
    { ...everything, answers: { ...everything.answers, 'policy.words': () => Promise.reject(broken) } },
    { policy: 'gold' },
  );
  await see(page, 'policies.yaml:3:5: unknown key');
  page.close?.();
});

test('a pasted text goes into the field and runs nothing', async () => {
  const { page, bench } = open();
  await see(page, 'give the policy a name');
  page.paste?.('web\ns\n');
  press(page, '<tab>');
  expect(page.commandLine()).toMatch(/^holdfast policy set /);
  expect(written(bench)).toEqual([]);
  page.close?.();
});

test('typing on stops the plan that was being worked out', async () => {
  const signals: AbortSignal[] = [];
  const { page } = open(
    {
      ...everything,
      answers: {
        ...everything.answers,
        'policy.set': (_args, how) => {
          signals.push(how.signal);
          return new Promise(() => {});
        },
      },
    },
    { policy: 'gold' },
  );
  await until('it is asked', () => signals.length === 1);
  press(page, '<tab>x');
  await until('it is stopped', () => signals[0]?.aborted === true);
  page.close?.();
});

test('names that act on a terminal are drawn as text', async () => {
  const evil = 'web\x1b[2J\x07\u202e-07';
  const { page } = open(
    {
      ...everything,
      answers: {
        ...everything.answers,
        'policy.match': () => answer('', { machines: [{ endpoint: 'lab', id: evil, name: evil, tags: [] }] }),
      },
      choices: (command, argument, given) => [
        ...(everything.choices?.(command, argument, given) ?? []),
        ...(argument === 'steps' ? [may(evil, evil, evil)] : []),
      ],
    },
    { machine: [`lab/${evil}`], policy: 'x' },
  );
  await see(page, '1 of 1');
  for (const keys of ['', '<escape>jj<right>', '<escape>a']) {
    press(page, keys);
    expect(shot(page, width, height)).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
  }
  page.close?.();
});

for (const [columns, rows] of [
  [80, 24],
  [120, 40],
] as const) {
  for (const [name, keys] of [
    ['machines', ''],
    ['steps', '<escape>j<right>'],
    ['times', '<escape>jj<right>'],
    ['headings', '<escape>'],
  ] as const) {
    test(`the ${name} of a policy fit into ${columns}x${rows}`, async () => {
      const { page } = open(everything, { policy: 'gold' });
      await until('the plan', () => shot(page, columns, rows).includes('nothing expires'));
      await until('the machines', () => shot(page, columns, rows).includes('5 of 5'));
      press(page, keys);
      await until('the steps', () => shot(page, columns, rows).includes('snapshot → proxy'));
      await expect(shot(page, columns, rows)).toMatchFileSnapshot(`golden/${name}-${columns}x${rows}.txt`);
      page.close?.();
    });
  }
}

test('the smallest windows are drawn without a mistake', async () => {
  const { page } = open(everything, { policy: 'gold' });
  await until('the plan', () => shot(page).includes('nothing expires'));
  for (const keys of ['', '<escape>jj<right>', '<escape>a']) {
    press(page, keys);
    for (const [columns, rows] of [
      [1, 1],
      [8, 3],
      [40, 10],
      [500, 200],
    ] as const)
      shot(page, columns, rows);
  }
  page.close?.();
});

test('nothing goes on when the page is closed', async () => {
  const { page, bench } = open(everything, { policy: 'gold' });
  await see(page, 'nothing expires');
  page.close?.();
  expect(bench.desk.listeners).toBe(0);
  const { length } = bench.desk.ran;
  press(page, 'x');
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(bench.desk.ran.length).toBe(length);
  expect(set.id).toBe('policy.set');
});
