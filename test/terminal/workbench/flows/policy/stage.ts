import type { CommandResult } from '@holdfast/api';
import { policyPage } from '../../../../../core/terminal/workbench/flows/policy/policy-page.ts';
import { type Args, answer, command, may, SmallBench, type SmallDeskParts } from '../../../flows/small-desk.ts';

export const set = command('policy.set');

export const noWords: Args = {
  title: '',
  endpoint: [],
  name: [],
  tag: [],
  folder: [],
  except: [],
  rpo: '',
  rto: '',
  change: '',
  window: [],
  jitter: '',
  catchUp: '',
  paused: false,
  workflow: 'backup',
  workflowWindow: [],
  schedule: '',
  every: '',
  steps: [],
  to: '',
  set: [],
  keep: [],
};

/** A policy that the file has. */
export const gold: Args = {
  ...noWords,
  title: 'Databases',
  endpoint: ['lab'],
  tag: ['gold'],
  rpo: '4h',
  schedule: '0 */2 * * *',
  steps: ['snapshot', 'proxy'],
  to: 'main',
  set: ['snapshot.quiesce=none'],
  keep: ['main:daily=14,weekly=8'],
};

export const silver: Args = {
  ...noWords,
  every: '12h',
  rpo: '24h',
  steps: ['snapshot', 'proxy'],
  keep: ['main:daily=7'],
};

export function plan(args: Args, more: Args = {}): CommandResult {
  return answer('backup: 3 machines', {
    dryRun: true,
    policy: args.policy,
    file: '/etc/holdfast/policies.yaml',
    changed: true,
    plan: {
      changes: [{ policy: args.policy, kind: 'change', details: [], gains: ['web-07', 'web-08'], loses: [] }],
      expires: [],
      forecasts: [
        {
          policy: args.policy,
          workflow: 'backup',
          machines: 3,
          readBytes: 31 * 2 ** 30,
          makespanMs: 720_000,
          roomMs: 7_200_000,
        },
      ],
      refusals: [],
      uncovered: [],
      warnings: [],
      ...more,
    },
  });
}

const quiesce = {
  type: 'object',
  properties: { quiesce: { enum: ['none', 'filesystem', 'application'], default: 'none', description: 'how still' } },
};

const names = ['erp-db', 'web-07', 'web-08', 'web-12', 'mail-01'];

export const everything: SmallDeskParts = {
  answers: {
    'plugin.settings': ({ use }) =>
      answer('', { schema: use === 'snapshot' ? quiesce : { type: 'object', properties: {} } }),
    'machine.list': () => answer(''),
    'policy.match': () =>
      answer('', {
        machines: names.map((name) => ({ endpoint: 'lab', id: name, name, tags: ['gold'], folder: null, place: '/' })),
      }),
    'policy.words': ({ policy, template }) =>
      answer('', {
        file: '/etc/holdfast/policies.yaml',
        exists: policy === 'gold',
        zone: 'Europe/London',
        blackouts: [],
        policies: ['gold'],
        workflows: policy === 'gold' ? ['backup'] : [],
        meant: 'backup',
        words: policy === 'gold' ? gold : template === 'silver' ? silver : noWords,
      }),
    'policy.set': (args) => (args.dryRun === true ? plan(args) : answer('policy is in force')),
  },
  choices: (_command, argument, given) => {
    if (argument === 'to') return [may('main', 'disk folder'), may('vault', 'tape', 'proxy needs random access')];
    if (argument !== 'steps') return [];
    const chosen = given.steps as readonly string[];
    const already = (use: string): string | null =>
      chosen.includes(use) ? `it is step ${chosen.indexOf(use) + 1} already` : null;
    const needs = chosen.includes('snapshot') ? null : 'it needs a snapshot, and nothing before it gives one';
    return [
      may('snapshot', 'Freeze all disks', already('snapshot')),
      may('proxy', 'Read a snapshot', already('proxy') ?? needs),
      may('cdp', 'Follow each write', 'it needs a change stream: lab offers changed blocks only'),
    ];
  },
};

export function open(parts: SmallDeskParts = everything, given: Args = {}) {
  const bench = new SmallBench(parts);
  return { bench, page: policyPage(bench, set, given) };
}

/** What was really written: every run of the command but previews. */
export const written = (bench: SmallBench) =>
  bench.desk.ran.filter(({ command: id, args }) => id === 'policy.set' && args.dryRun !== true);
