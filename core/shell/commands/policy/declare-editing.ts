import { policyTemplates } from '../../../model/policies/templates.ts';
import type { ShellCommand } from '../../contract.ts';
import { args, names, several, text, yesNo } from '../../registry/declare.ts';
import { clearable } from './editing/clearable.ts';

const policy = text('name of the policy', names('policy', 'NAME'));
const file = text(
  'policy file; default is the one in force, else policies.yaml beside the configuration',
  names('file', 'FILE'),
);
const template = text('a policy to begin from', {
  enum: policyTemplates.map(({ name }) => name),
  'x-value': 'TEMPLATE',
});
const workflow = text(
  'the workflow that is meant; default is the only one, or `backup`',
  names('workflow', 'WORKFLOW'),
);
const apply = yesNo('put it in force too, after showing what that does');

/** Which machines: the same words everywhere. */
const selector = {
  endpoint: several('machines on these endpoints', names('endpoint', 'ENDPOINT')),
  name: several('machines with these names, with * and ?', names('machine-name', 'PATTERN')),
  tag: several('machines with one of these tags', names('tag', 'TAG')),
  folder: several('machines in these folders or below, with * and ?', names('folder', 'FOLDER')),
  except: several('but not machines with these names, with * and ?', names('machine-name', 'PATTERN')),
  machine: several('these machines: their names and endpoints', names('machine', 'MACHINE')),
};

/** Commands that write into the policy file. */
export const editingCommands: readonly ShellCommand[] = [
  {
    id: 'policy.set',
    title: 'Write a policy into the policy file',
    description:
      'A policy that is there is changed in what is given only; comments stay. With --dry-run the change of the file and the plan are shown. Only with --apply, or after `holdfast apply`, it is in force.',
    args: args(
      {
        policy,
        file,
        template,
        title: text('a line in your own words', { 'x-value': 'TEXT' }),
        ...selector,
        rpo: text('how old the newest restore point may be: 4h', { 'x-value': 'DURATION' }),
        rto: text('how long a restore may take: 1h', { 'x-value': 'DURATION' }),
        change: text('share of the data that is thought to change in a day: 5%', { 'x-value': 'SHARE' }),
        window: several("when runs may begin: 'Mon-Fri 22:00-06:00'", { 'x-value': 'WINDOW' }),
        jitter: text('runs of one occurrence begin within this time: 10m', { 'x-value': 'DURATION' }),
        catchUp: text('whether what was missed is run once as soon as it can be', {
          enum: ['yes', 'no'],
          'x-value': 'YES-OR-NO',
        }),
        workflow,
        schedule: text("when it runs: 'Sun 02:00', '0 2 * * *'", { 'x-value': 'TIME' }),
        every: text('or how often: 4h', { 'x-value': 'DURATION' }),
        workflowWindow: several('windows of this workflow instead of those of the policy', { 'x-value': 'WINDOW' }),
        steps: several('steps of the workflow, in order; default of a new one is snapshot,proxy', {
          'x-separator': ',',
          'x-value': 'STEP,…',
        }),
        to: text('target of the workflow; may be left out when there is only one', names('target', 'TARGET')),
        quiesce: text('how still the guest is held: a setting of the snapshot step', {
          enum: ['none', 'filesystem', 'application'],
          'x-value': 'HOW',
        }),
        set: several('a setting of a step: STEP.KEY=VALUE; without VALUE it is taken away', { 'x-value': 'SETTING' }),
        keep: several('how long points stay on a target: TARGET:daily=14,weekly=8', { 'x-value': 'RULE' }),
        paused: yesNo('it runs nothing until it is resumed; what it keeps stays kept'),
        resume: yesNo('it is not paused any more'),
        clear: several('take away what the policy says of this', {
          items: { type: 'string', enum: [...clearable] },
          'x-separator': ',',
          'x-value': 'WHAT,…',
        }),
        yaml: text('the whole policy, as it stands below its name in a file, instead of all flags above', {
          'x-value': 'TEXT',
        }),
        apply,
      },
      ['policy'],
    ),
    positionals: ['policy'],
    danger: 'change',
    examples: [
      'holdfast policy set gold --template gold --tag prod --to main',
      "holdfast policy set gold --schedule '0 2 * * *' --keep main:daily=14,weekly=8 --dry-run",
      "holdfast policy set gold --workflow weekly --schedule 'Sun 02:00' --steps snapshot,proxy --to vault --apply",
      'holdfast policy set gold --clear tag --name web-07 --name erp-db --yes',
    ],
    load: () => import('./set.ts'),
  },
  {
    id: 'policy.remove',
    title: 'Take a policy out of the policy file',
    description:
      'Restore points stay: from then on they are kept by what still applies. The plan shows which would expire.',
    args: args({ policy, file, apply }, ['policy']),
    positionals: ['policy'],
    danger: 'change',
    examples: ['holdfast policy remove gold --dry-run', 'holdfast policy remove gold --apply'],
    load: () => import('./remove.ts'),
  },
  {
    id: 'policy.pause',
    title: 'Pause a policy: it runs nothing until it is resumed',
    description: 'Written into the policy file and put in force at once. What it keeps stays kept.',
    args: args({ policy, file }, ['policy']),
    positionals: ['policy'],
    danger: 'change',
    examples: ['holdfast policy pause gold', 'holdfast policy pause gold --yes'],
    load: () => import('./pause.ts'),
  },
  {
    id: 'policy.resume',
    title: 'Let a paused policy run again',
    description: 'Written into the policy file and put in force at once.',
    args: args({ policy, file }, ['policy']),
    positionals: ['policy'],
    danger: 'change',
    examples: ['holdfast policy resume gold'],
    load: () => import('./resume.ts'),
  },
  {
    id: 'policy.match',
    title: 'Show which machines a selector takes',
    description: 'From what is known of the inventories; no endpoint is asked.',
    args: args(selector),
    danger: 'read',
    examples: ["holdfast policy match --tag prod --except 'scratch-*'", 'holdfast policy match --endpoint lab --json'],
    load: () => import('./match.ts'),
  },
  {
    id: 'policy.words',
    title: 'Show the command line that makes a policy',
    description: 'What the policy file says of a policy, or what a template begins with, in the words of `policy set`.',
    args: args({
      policy,
      file,
      template,
      workflow,
      to: text('target of the workflow', names('target', 'TARGET')),
      orNew: yesNo('a policy that is not there is a new one'),
    }),
    positionals: ['policy'],
    danger: 'read',
    examples: ['holdfast policy words gold', 'holdfast policy words --template silver --json'],
    load: () => import('./words.ts'),
  },
];
