import { PassThrough } from 'node:stream';
import { HoldfastError, type ViewDeclaration } from '@holdfast/api';
import { expect, test } from 'vitest';
import { builtInCommands } from '../../../core/shell/commands/all.ts';
import { stateCell, tableView, textCell } from '../../../core/shell/view/build.ts';
import { builtInViews } from '../../../core/shell/views/built-in.ts';
import { builtInWalkthroughs } from '../../../core/shell/views/walkthroughs.ts';
import { openPlain } from '../../../core/terminal/plain/open.ts';
import { answer, may, SmallDesk, type SmallDeskParts, until } from '../flows/small-desk.ts';
import { talk } from './talk.ts';

const machines: ViewDeclaration = {
  id: 'machines',
  title: 'Machines',
  activity: 'machines',
  command: 'machine.list',
  open: { title: 'Open', command: 'machine.show', argument: 'name' },
  actions: [{ key: 'p', title: 'Protect', command: 'protect', argument: 'machines', several: true }],
};

const table = (names: readonly string[]) =>
  tableView(
    'Machines',
    [
      { key: 'name', title: 'name' },
      { key: 'state', title: 'state' },
    ],
    names.map((name) => ({
      id: `lab/${name}`,
      cells: { name: textCell(name), state: stateCell('protected', 'good') },
    })),
    'no machines yet',
  );

const parts: SmallDeskParts = {
  views: [machines],
  answers: {
    'machine.list': () => ({ data: {}, view: table(['web-07', 'erp-db', 'mail-01']) }),
    'machine.show': ({ name }) => answer(`this is ${String(name)}`),
    protect: ({ dryRun, machines: names }) =>
      answer(`${dryRun === true ? 'would protect' : 'protected'} ${(names as readonly string[]).join(' and ')}`),
    'point.forget': ({ dryRun }) => answer(dryRun === true ? 'would forget 3 restore points' : 'forgotten'),
  },
  choices: (_command, argument, given) => {
    if (argument === 'machines') return [may('web-07', 'lab'), may('erp-db', 'lab', 'its disks are raw devices')];
    if (argument !== 'steps') return [];
    const chosen = given.steps as readonly string[];
    return [
      may('snapshot', 'Freeze all disks', chosen.includes('snapshot') ? 'it is step 1 already' : null),
      may(
        'proxy',
        'Read a snapshot',
        chosen.includes('snapshot') ? null : 'it needs a snapshot, and nothing before it gives one',
      ),
      may('cdp', 'Follow each write', 'it needs a change stream'),
    ];
  },
};

test('a view is read out with numbered rows, and a number leads to what can be done with that row', async () => {
  const { transcript, code } = await talk(parts, ['Machines', '2', 'Open', '', 'quit']);
  expect(transcript).toContain('NO  NAME     STATE\n 1  web-07   ● protected\n 2  erp-db   ● protected');
  expect(transcript).toContain('What to do with lab/erp-db:\n1. Open\n2. Protect\n');
  expect(transcript).toContain('this is lab/erp-db');
  expect(code).toBe(0);
});

test('several rows are protected at once: what would be done is told first, then it is asked, then it is done', async () => {
  const { transcript, desk } = await talk(parts, ['Machines', '1,3', 'Protect', '', 'yes', 'quit']);
  expect(transcript).toContain('The command line that does the same: holdfast protect lab/web-07 lab/mail-01');
  const told = transcript.indexOf('would protect lab/web-07 and lab/mail-01');
  expect(told).toBeGreaterThan(0);
  expect(transcript.indexOf('Do it? yes or no:')).toBeGreaterThan(told);
  expect(transcript).toContain('\nprotected lab/web-07 and lab/mail-01');
  expect(desk.done.at(-1)).toEqual({
    command: 'protect',
    args: { machines: ['lab/web-07', 'lab/mail-01'], yes: true },
  });
});

test('who answers no, or leaves in the middle, has changed nothing', async () => {
  const no = await talk(parts, ['protect', 'web-07', '', '', 'no', 'quit']);
  expect(no.transcript).toContain('Nothing was done.');
  expect(no.desk.done).toEqual([]);
  const gone = await talk(parts, ['protect', 'web-07', '', '']);
  expect(gone.desk.done).toEqual([]);
  expect(gone.code).toBe(0);
});

test('a workflow is composed step by step, and a step that does not fit is refused with its reason', async () => {
  const { transcript, desk } = await talk(parts, [
    ...['protect', 'web-07', ''],
    ...['steps', 'cdp', 'proxy', 'snapshot', 'proxy', ''],
    ...['', 'yes', 'quit'],
  ]);
  expect(transcript).toContain('cdp  Follow each write cannot be chosen: it needs a change stream');
  expect(transcript).toContain('proxy  Read a snapshot cannot be chosen: it needs a snapshot');
  expect(transcript).toContain('Chosen so far: snapshot');
  expect(desk.done.at(-1)?.args).toEqual({ machines: ['web-07'], steps: ['snapshot', 'proxy'], yes: true });
});

test('a machine that cannot be protected says why', async () => {
  const { transcript } = await talk(parts, ['protect', 'erp-db', 'back', 'quit']);
  expect(transcript).toContain('Not erp-db  lab: its disks are raw devices');
  expect(transcript).toContain('erp-db  lab cannot be chosen: its disks are raw devices');
});

test('an answer that the command would not take is asked for again with what is wrong', async () => {
  const { transcript, desk } = await talk(parts, ['point forget', 'keepDaily', 'many', '14', '', 'yes', 'quit']);
  expect(transcript).toContain('--keep-daily takes a number');
  expect(transcript).toContain('This destroys what is named above. Do it? yes or no:');
  expect(desk.done.at(-1)?.args).toEqual({ keepDaily: 14, yes: true });
});

test('a question mark explains, back goes back one step, and a backslash gives the word itself', async () => {
  const { transcript, desk } = await talk(
    { ...parts, answers: { ...parts.answers, 'secret.set': () => answer('kept') } },
    ['?', 'protect', 'back', 'machine show', '\\back', '', 'quit'],
  );
  expect(transcript).toContain('Type the number of what you want');
  expect(desk.done.filter(({ command }) => command === 'protect')).toEqual([]);
  expect(desk.ran.at(-1)).toEqual({ command: 'machine.show', args: { name: 'back' } });
});

test('a failure is told with its code and what to do, and the conversation goes on', async () => {
  const problem = new HoldfastError('TARGET_UNREACHABLE', 'main does not answer', { remedy: 'is it mounted?' });
  const { transcript, code } = await talk(
    { ...parts, answers: { ...parts.answers, 'machine.list': () => Promise.reject(problem) } },
    ['Machines', 'back', 'quit'],
  );
  expect(transcript).toContain('Failed: main does not answer [TARGET_UNREACHABLE]\nWhat to do: is it mounted?');
  expect(transcript).toContain('Goodbye.');
  expect(code).toBe(0);
});

test('a bug in a command is told as one, and the conversation goes on', async () => {
  const { transcript, code } = await talk(
    { ...parts, answers: { 'machine.list': () => Promise.reject(new TypeError('x is not a function')) } },
    ['Machines', 'back', 'quit'],
  );
  expect(transcript).toContain('a bug: x is not a function');
  expect(code).toBe(0);
});

test('every activity, every workflow and every command can be reached', async () => {
  const { transcript } = await talk({ ...parts, views: builtInViews, walkthroughs: builtInWalkthroughs }, [
    'All commands',
    'repository',
    'back',
    'quit',
  ]);
  for (const { title } of builtInViews) expect(transcript).toContain(`. ${title}\n`);
  for (const { title } of builtInWalkthroughs) expect(transcript).toContain(`. ${title}\n`);
  for (const words of ['Add a hypervisor', 'Protect machines now', 'Restore a machine', 'Forget restore points']) {
    expect(transcript).toContain(words);
  }
  const topics = new Set(builtInCommands.filter(({ hidden }) => hidden !== true).map(({ id }) => id.split('.')[0]));
  for (const topic of topics) expect(transcript).toMatch(new RegExp(`^\\d+\\. ${topic}: `, 'm'));
  for (const { id } of builtInCommands.filter((one) => one.id.startsWith('repository.'))) {
    expect(transcript).toContain(`. ${id.replaceAll('.', ' ')}: `);
  }
});

test('first steps say what is done and begin what is not', async () => {
  const { transcript } = await talk(
    {
      ...parts,
      walkthroughs: builtInWalkthroughs,
      answers: {
        ...parts.answers,
        'endpoint.list': () => answer('', { endpoints: [{}] }),
        'target.list': () => answer('', { targets: [] }),
        'run.list': () => answer('', { runs: [] }),
      },
    },
    ['First steps', '3', 'yes', 'web-07', '', '', 'yes', 'quit'],
  );
  expect(transcript).toContain(
    '1. Look at the machines of a hypervisor, done\n2. Choose where restore points are kept\n',
  );
  expect(transcript).toContain('Pick machines, see what would be read');
  expect(transcript).toContain('\nprotected web-07');
});

test('ten thousand rows are read out in parts', async () => {
  const many = Array.from({ length: 10_000 }, (_, index) => `vm-${index}`);
  const { transcript } = await talk(
    { ...parts, answers: { ...parts.answers, 'machine.list': () => ({ data: {}, view: table(many) }) } },
    ['Machines', 'more', '41', 'Open', '', 'quit'],
  );
  expect(transcript).toContain('Rows 1 to 40 of 10000.');
  expect(transcript).toContain('vm-40 ');
  expect(transcript).not.toContain('vm-80 ');
  expect(transcript).toContain('this is lab/vm-40');
});

test('no name, answer, log line or failure gets a control character out', async () => {
  const evil = 'a\x1b[2J\x9b31m\x07\u202e\r\n\x1b]52;c;AAAA\x07b';
  const problem = new HoldfastError('TARGET_UNREACHABLE', evil, { remedy: evil });
  const { transcript } = await talk(
    {
      views: [{ ...machines, title: evil }],
      walkthroughs: [{ id: 'evil', title: evil, steps: [{ title: evil, text: evil }] }],
      answers: {
        'machine.list': () => ({ data: {}, view: table([evil]) }),
        'machine.show': (_args, how) => {
          how.log?.('warn', evil);
          return Promise.reject(problem);
        },
        'endpoint.list': () => answer(''),
        'target.list': () => answer(''),
        'run.list': () => answer(''),
      },
      choices: () => [may(evil, evil), may('other', evil, evil)],
    },
    ['1', '1', 'Open', '', 'back', 'protect', '1', '', '', 'quit'],
  );
  expect(transcript).toContain('␛[2J');
  expect(transcript).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
});

test('typing cancel while a command works stops it safely, and other lines wait for the next question', async () => {
  const desk = new SmallDesk({
    ...parts,
    answers: {
      ...parts.answers,
      protect: ({ dryRun }, { signal }) =>
        dryRun === true
          ? answer('would protect')
          : new Promise((_resolve, reject) => {
              const stopped = new HoldfastError('CANCELLED', 'stopped; the snapshot was released');
              signal.addEventListener('abort', () => reject(stopped));
            }),
    },
  });
  const input = new PassThrough();
  const output = new PassThrough();
  let said = '';
  output.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8');
  });
  const over = openPlain({ input, output, desk, signal: new AbortController().signal });
  input.write('protect\nweb-07\n\n\nyes\n');
  await until('it works', () => said.includes('Type cancel to stop it safely.'));
  input.write('quit\ncancel\n');
  expect(await over).toBe(0);
  expect(said).toContain('Stopping safely.');
  expect(said).toContain('stopped; the snapshot was released');
  expect(said.endsWith('Goodbye.\n')).toBe(true);
});

test('progress is told now and then, as a sentence, and not with every step', async () => {
  const desk: SmallDesk = new SmallDesk({
    ...parts,
    answers: {
      'point.verify': (_args, { progress }) => {
        for (let done = 1; done <= 100; done++) {
          desk.at += 100;
          progress?.({ phase: 'reading back web-07', doneBytes: done * 1024 ** 3, totalBytes: 100 * 1024 ** 3 });
        }
        return answer('whole');
      },
    },
  });
  const { transcript } = await talk(desk, ['point verify', '8f2c41aa', '', 'quit']);
  expect(transcript.match(/reading back web-07.*/g)).toEqual([
    'reading back web-07, 50 GiB of 100 GiB, 50 %',
    'reading back web-07, 100 GiB of 100 GiB, 100 %',
  ]);
});

test('a reader that goes away and a line that is cut end the conversation', async () => {
  const input = new PassThrough();
  const output = new PassThrough();
  const over = openPlain({ input, output, desk: new SmallDesk(parts), signal: new AbortController().signal });
  output.destroy();
  input.write('1\n');
  expect(await over).toBe(0);
  const stop = new AbortController();
  const waiting = openPlain({
    input: new PassThrough(),
    output: new PassThrough().resume(),
    desk: new SmallDesk(parts),
    signal: stop.signal,
  });
  stop.abort();
  expect(await waiting).toBe(0);
});
