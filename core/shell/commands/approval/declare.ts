import type { ShellCommand } from '../../contract.ts';
import { args, names, several, text, yesNo } from '../../registry/declare.ts';

const approval = text('identity of the approval, or its beginning', names('approval', 'APPROVAL'));
const reason = (what: string) => text(what, { maxLength: 500, 'x-value': 'WHY' });

export const approvalCommands: readonly ShellCommand[] = [
  {
    id: 'approval.ask',
    title: 'Ask somebody else to agree to a command that destroys',
    description:
      'The command is written behind `--` as it will be run. It is tried with --dry-run first, so that nobody agrees to what cannot be done. The approval is for exactly these arguments, good for once, and ends: `approvals.expireHours`, `approvals.delayMinutes` of the configuration.',
    args: args(
      {
        // What is in it is written down argument by argument, so that none that is secret gets into the log.
        words: several('the command and its arguments', { 'x-value': 'COMMAND', 'x-unlogged': true }),
        reason: reason('why, for whoever decides'),
      },
      ['words', 'reason'],
    ),
    positionals: ['words'],
    danger: 'change',
    examples: [
      'holdfast approval ask --reason "machine is gone" -- point forget 8f2c41aa',
      'holdfast approval ask --json --yes --reason retention -- point forget --machine web-07 --keep-daily 14',
    ],
    load: () => import('./ask.ts'),
  },
  {
    id: 'approval.list',
    title: 'List approvals, newest first',
    args: args({ all: yesNo('those that are past too') }),
    danger: 'read',
    examples: ['holdfast approval list', 'holdfast approval list --all --json'],
    load: () => import('./list.ts'),
  },
  {
    id: 'approval.show',
    title: 'Show an approval: what for, who asked, who decided, until when',
    args: args({ approval }, ['approval']),
    positionals: ['approval'],
    danger: 'read',
    examples: ['holdfast approval show 4fd1c0aa91b2', 'holdfast approval show 4fd1 --json'],
    load: () => import('./show.ts'),
  },
  {
    id: 'approval.grant',
    title: 'Agree to what somebody else asked for',
    args: args({ approval, reason: reason('why, for those who look back') }, ['approval']),
    positionals: ['approval'],
    danger: 'change',
    examples: ['holdfast approval grant 4fd1c0aa91b2', 'holdfast approval grant 4fd1 --reason "seen the ticket" --yes'],
    load: () => import('./grant.ts'),
  },
  {
    id: 'approval.deny',
    title: 'Refuse what somebody else asked for, or take back what was agreed to and is not used yet',
    args: args({ approval, reason: reason('why, for whoever asked') }, ['approval']),
    positionals: ['approval'],
    danger: 'change',
    examples: ['holdfast approval deny 4fd1c0aa91b2 --reason "that machine is still needed"'],
    load: () => import('./deny.ts'),
  },
];
