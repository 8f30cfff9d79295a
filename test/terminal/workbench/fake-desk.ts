import type { Cell, CommandResult, Plain, TableView, View, ViewDeclaration } from '@holdfast/api';
import { HoldfastError } from '@holdfast/api';
import type { Actor } from '../../../core/shell/access/contract.ts';
import { builtInCommands } from '../../../core/shell/commands/all.ts';
import type { ShellCommand } from '../../../core/shell/contract.ts';
import { commandLineOf } from '../../../core/shell/desk/command-line.ts';
import type { Change, Choice, Desk, Problem, RunHow } from '../../../core/shell/desk/contract.ts';
import { builtInViews } from '../../../core/shell/views/built-in.ts';

/** 2026-11-22 21:00 UTC. */
export const began = 1_795_381_200_000;
const minute = 60_000;
const hour = 60 * minute;

/** A name that would retitle the window, clear the screen and reorder what is read. */
export const hostile = 'evil\x1b]0;owned\x07\x1b[2J\u202etxt.exe\x9b31m';

export type Answer = (args: Readonly<Record<string, Plain>>, how: RunHow) => Promise<CommandResult> | CommandResult;

export interface FakeOptions {
  readonly actor?: Partial<Actor>;
  /** Handlers by id, before those that are there. */
  readonly answers?: Readonly<Record<string, Answer>>;
  readonly commands?: readonly ShellCommand[];
  readonly views?: readonly ViewDeclaration[];
  readonly problems?: readonly Problem[];
  readonly memory?: Readonly<Record<string, Plain>>;
  readonly keysFile?: string;
  /** Names of machines. */
  readonly machines?: readonly string[];
  /** Nothing is configured yet. */
  readonly isEmpty?: boolean;
  /** Never answers anything. */
  readonly isSilent?: boolean;
}

export interface FakeDesk extends Desk {
  /** Every command that was run, as it is typed. */
  readonly ran: string[];
  readonly kept: Map<string, Plain>;
  tell(change: Change): void;
  /** Lets time pass. */
  pass(ms: number): void;
  /** What is there from now on. */
  set(options: Partial<FakeOptions>): void;
}

const text = (value: string): Cell => ({ kind: 'text', text: value });
const time = (at: number): Cell => ({ kind: 'time', at });
const count = (value: number): Cell => ({ kind: 'count', count: value });
const bytes = (value: number): Cell => ({ kind: 'bytes', bytes: value });
const state = (value: string, tone: 'good' | 'risk' | 'bad' | 'active' | 'quiet'): Cell => ({
  kind: 'state',
  text: value,
  tone,
});

export function table(
  title: string,
  columns: readonly string[],
  rows: readonly (readonly [id: string, ...cells: readonly Cell[]])[],
): TableView {
  return {
    kind: 'table',
    title,
    columns: columns.map((key, index) => ({ key, title: key, priority: index < 2 ? 0 : 1 })),
    rows: rows.map(([id, ...cells]) => ({
      id,
      cells: Object.fromEntries(columns.map((key, index) => [key, cells[index] ?? { kind: 'none' }])),
    })),
    empty: `no ${title.toLowerCase()} yet`,
  };
}

const answer = (view: View, data: Plain = {}): CommandResult => ({ view, data });

const usual = [
  'erp-db',
  'mail-01',
  'web-07',
  'web-08',
  'web-12',
  'file-server-with-a-long-name',
  '日本語サーバ',
  hostile,
];

function machineList(names: readonly string[]): CommandResult {
  const tones = ['good', 'good', 'bad', 'risk', 'quiet'] as const;
  const words = ['protected', 'protected', 'RPO missed', 'at risk', 'unprotected'];
  const view = table(
    'Machines',
    ['name', 'state', 'endpoint', 'size', 'points', 'last point'],
    names.map((name, index) => [
      `lab/${name}`,
      text(name),
      state(words[index % 5] ?? '', tones[index % 5] ?? 'quiet'),
      text(index % 3 === 0 ? 'esx-lon' : 'hv-ber'),
      bytes((index + 1) * 40 * 2 ** 30),
      count((index * 7) % 60),
      time(began - index * 37 * minute),
    ]),
  );
  return answer(view, { machines: names.map((name) => ({ name })) });
}

const overview = (names: readonly string[]): CommandResult =>
  answer(
    {
      kind: 'stack',
      title: '',
      views: [
        {
          kind: 'detail',
          title: '',
          fields: [
            { key: 'machines', title: 'Machines', value: count(names.length) },
            { key: 'protected', title: 'Protected', value: state(`${names.length - 2}`, 'good') },
            { key: 'rpo', title: 'RPO met', value: { kind: 'ratio', ratio: 0.986 } },
          ],
        },
        table(
          'Needs you',
          ['what', 'why'],
          [
            [
              'lab/web-07',
              state('web-07', 'bad'),
              text('RPO missed by 3 h 12 min; last: snapshot refused, datastore 97 % full'),
            ],
            [
              'lab/erp-db',
              state('erp-db', 'risk'),
              text('never restore-tested; policy gold wants a boot test each week'),
            ],
          ],
        ),
        table(
          'Targets',
          ['name', 'used', 'health'],
          [
            ['disk-main', text('disk-main'), bytes(41.2 * 2 ** 40), state('verified', 'good')],
            ['vault-lto', text('vault-lto'), text('214 cartridges'), state('1 drive wants cleaning', 'risk')],
          ],
        ),
      ],
    },
    { machines: { atRisk: 1 } },
  );

const runs = [
  { id: '8f2c41aa-0001', kind: 'protect', machineName: 'erp-db', who: 'schedule', state: 'running', at: 4 * minute },
  { id: '77aa0b12-0002', kind: 'protect', machineName: 'web-07', who: 'alice', state: 'failed', at: 3 * hour },
  { id: '6d01c9ff-0003', kind: 'restore', machineName: 'mail-01', who: 'bob', state: 'done', at: 26 * hour },
] as const;
const tones = { running: 'active', failed: 'bad', done: 'good' } as const;

function runList(given: Readonly<Record<string, Plain>>): CommandResult {
  const shown = runs.filter((run) => given.state === undefined || run.state === given.state);
  const view = table(
    'Runs',
    ['run', 'state', 'kind', 'machine', 'began'],
    shown.map((run) => [
      run.id,
      text(run.id.slice(0, 8)),
      state(run.state, tones[run.state]),
      text(run.kind),
      text(run.machineName),
      time(began - run.at),
    ]),
  );
  const records = shown.map((run) => ({
    ...run,
    startedAt: began - run.at,
    progress:
      run.state === 'running'
        ? {
            phase: 'reading disk vda',
            doneBytes: 18.2 * 2 ** 30,
            totalBytes: 31 * 2 ** 30,
            bytesPerSecond: 612 * 2 ** 20,
          }
        : null,
  }));
  return answer(view, { runs: records });
}

const points = ['a1b2c3d4-0001', 'b2c3d4e5-0002', 'c3d4e5f6-0003'] as const;

const fixed: Readonly<Record<string, CommandResult>> = {
  'point.list': answer(
    table(
      'Restore points',
      ['point', 'machine', 'taken', 'target', 'size'],
      points.map((id, index) => [
        id,
        text(id.slice(0, 8)),
        text('erp-db'),
        time(began - index * 4 * hour),
        text('disk-main'),
        bytes(31 * 2 ** 30),
      ]),
    ),
    { points: points.map((point) => ({ point })) },
  ),
  'target.list': answer(
    table(
      'Targets',
      ['name', 'kind', 'place', 'stored'],
      [
        ['disk-main', text('disk-main'), text('disk'), text('/backup'), bytes(41.2 * 2 ** 40)],
        ['s3-fra', text('s3-fra'), text('cloud'), text('s3://fra'), bytes(12.8 * 2 ** 40)],
      ],
    ),
    { targets: [{ name: 'disk-main' }, { name: 's3-fra' }] },
  ),
  'endpoint.list': answer(
    table('Endpoints', ['name', 'kind', 'place'], [['lab', text('lab'), text('kvm'), text('/srv/machines')]]),
    { endpoints: [{ name: 'lab' }] },
  ),
  'policy.list': answer(
    table(
      'Policies in force',
      ['policy', 'state', 'machines', 'next run'],
      [
        ['gold', text('gold'), state('active', 'good'), count(37), time(began + hour)],
        ['scratch', text('scratch'), state('paused', 'quiet'), count(2)],
      ],
    ),
    { policies: [{ policy: { name: 'gold' } }] },
  ),
  'plugin.list': answer(
    table(
      'Plugins',
      ['name', 'state', 'version'],
      [
        ['@holdfast/target-disk', text('@holdfast/target-disk'), state('active', 'good'), text('1.0.0')],
        ['@acme/scan', text('@acme/scan'), state('not trusted', 'risk'), text('0.3.1')],
      ],
    ),
  ),
  'config.show': answer({
    kind: 'detail',
    title: 'Configuration',
    fields: [{ key: 'file', title: 'File', value: text('/etc/holdfast/holdfast.yaml') }],
  }),
};

/** A desk that answers at once, from memory. */
export function fakeDesk(start: FakeOptions = {}): FakeDesk {
  let options = start;
  let at = began;
  const listeners = new Set<(change: Change) => void>();
  const ran: string[] = [];
  const kept = new Map<string, Plain>(Object.entries(start.memory ?? {}));
  const never = <T>(value: T): Promise<T> =>
    options.isSilent === true ? new Promise<T>(() => {}) : Promise.resolve(value);
  const commands = (): readonly ShellCommand[] => {
    const own = options.commands ?? [];
    const known = new Set(own.map(({ id }) => id));
    return [...own, ...builtInCommands.filter(({ id, hidden }) => !known.has(id) && hidden !== true)];
  };
  const names = (): readonly string[] => options.machines ?? usual;
  const actor: Actor = { name: 'alice', roles: ['administrator'], from: 'local', session: 's1', ...start.actor };

  const handle = (
    id: string,
    given: Readonly<Record<string, Plain>>,
    how: RunHow,
  ): Promise<CommandResult> | CommandResult => {
    const own = options.answers?.[id];
    if (own !== undefined) return own(given, how);
    if (options.isEmpty === true && /\.list$|^overview$/.test(id)) {
      return answer(table(id, ['name'], []), { endpoints: [], targets: [], runs: [] });
    }
    if (id === 'overview') return overview(names());
    if (id === 'machine.list') return machineList(names());
    if (id === 'run.list') return runList(given);
    if (id === 'machine.show') {
      return answer({
        kind: 'detail',
        title: `Machine ${String(given.name)}`,
        fields: [
          { key: 'name', title: 'Name', value: text(String(given.name)) },
          { key: 'last', title: 'Last point', value: time(began - 38 * minute) },
        ],
      });
    }
    const found = fixed[id];
    if (found !== undefined) return found;
    throw new HoldfastError('USAGE', `this desk does not answer ${id}`);
  };

  return {
    actor,
    site: 'lab',
    version: '1.0.0',
    now: () => at,
    commands: () => never(commands()),
    views: () => {
      const may = new Set(commands().map(({ id }) => id));
      return never([...builtInViews.filter(({ command }) => may.has(command)), ...(options.views ?? [])]);
    },
    themes: () => never([]),
    walkthroughs: () =>
      never([
        {
          id: 'first',
          title: 'First steps',
          steps: [
            {
              title: 'Add a hypervisor',
              text: 'Where your machines run.',
              command: 'endpoint.add',
              doneWhen: 'endpoints > 0',
            },
            { title: 'Make a repository', text: 'Where restore points go.', command: 'init', doneWhen: 'targets > 0' },
          ],
        },
      ]),
    problems: () => never(options.problems ?? []),
    choices: (command) => {
      const list = (values: readonly string[]): readonly Choice[] =>
        values.map((value) => ({ value, title: value, refused: null }));
      if (command === 'machine.show') return never(list(names().map((name) => `lab/${name}`)));
      if (command === 'point.show') return never(list(points));
      if (command === 'run.show') return never(list(runs.map(({ id }) => id)));
      return never([]);
    },
    async run(id, given, how) {
      ran.push(commandLineOf(id, given, 'holdfast'));
      if (options.isSilent === true) return await new Promise<CommandResult>(() => {});
      return await handle(id, given, how);
    },
    commandLine: (id, given) => commandLineOf(id, given, 'holdfast'),
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    memory: {
      get: (key) => never(kept.get(key) ?? null),
      set: async (key, value) => {
        kept.set(key, value);
      },
      keysFile: start.keysFile ?? null,
    },
    ran,
    kept,
    tell: (change) => {
      for (const listener of listeners) listener(change);
    },
    pass: (ms) => {
      at += ms;
    },
    set: (more) => {
      options = { ...options, ...more };
    },
  };
}
