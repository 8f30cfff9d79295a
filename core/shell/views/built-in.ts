import type { RowAction, ViewDeclaration } from '@holdfast/api';

const action = (key: string, title: string, command: string, argument: string): RowAction => ({
  key,
  title,
  command,
  argument,
});
/** The same, for all marked rows at once. */
const forAll = (key: string, title: string, command: string, argument: string): RowAction => ({
  ...action(key, title, command, argument),
  several: true,
});
const open = (command: string, argument: string, title = 'Open'): RowAction => ({ title, command, argument });

const protect = forAll('p', 'Protect', 'protect', 'machines');
const compose = forAll('P', 'Policy', 'policy.set', 'machine');
const restore = action('r', 'Restore', 'restore.machine', 'name');
const timeline = action('t', 'Timeline', 'point.timeline', 'machine');

const runActions: readonly RowAction[] = [
  action('w', 'Watch', 'run.watch', 'run'),
  action('x', 'Cancel safely', 'run.cancel', 'run'),
  action('y', 'Why', 'run.why', 'run'),
  action('a', 'Run again', 'run.retry', 'run'),
];

/** What is looked at in the first place: the activities of the workbench from top to bottom, each with its main view first. */
const looking: readonly ViewDeclaration[] = [
  {
    id: 'overview',
    title: 'Overview',
    activity: 'overview',
    command: 'overview',
    refreshMs: 10_000,
    open: open('overview.item', 'item'),
    actions: [protect, restore],
  },
  {
    id: 'machines',
    title: 'Machines',
    activity: 'machines',
    command: 'machine.list',
    open: open('machine.show', 'name'),
    actions: [protect, compose, restore, timeline, action('l', 'Restore points', 'point.list', 'machine')],
  },
  {
    id: 'endpoints',
    title: 'Endpoints',
    activity: 'machines',
    command: 'endpoint.list',
    open: open('endpoint.check', 'name', 'Check'),
    actions: [
      action('t', 'Doctor', 'endpoint.check', 'name'),
      action('m', 'Machines', 'machine.list', 'endpoint'),
      action('x', 'Remove', 'endpoint.remove', 'name'),
    ],
  },
  {
    id: 'runs',
    title: 'Runs',
    activity: 'runs',
    command: 'run.list',
    refreshMs: 2_000,
    open: open('run.show', 'run'),
    actions: runActions,
  },
  {
    id: 'runs.failed',
    title: 'Failed runs',
    activity: 'runs',
    command: 'run.list',
    args: { state: 'failed' },
    open: open('run.show', 'run'),
    actions: runActions,
  },
  {
    id: 'points',
    title: 'Restore points',
    activity: 'points',
    command: 'point.list',
    open: open('point.show', 'point'),
    actions: [
      action('r', 'Restore', 'restore.machine', 'at'),
      action('v', 'Verify', 'point.verify', 'point'),
      action('e', 'Export a disk', 'point.export', 'point'),
      action('y', 'Copy', 'point.copy', 'point'),
      forAll('x', 'Forget', 'point.forget', 'points'),
    ],
  },
  {
    id: 'targets',
    title: 'Targets and media',
    activity: 'targets',
    command: 'target.list',
    open: open('target.doctor', 'name', 'Doctor'),
    actions: [
      action('t', 'Doctor', 'target.doctor', 'name'),
      action('l', 'Restore points', 'point.list', 'target'),
      action('v', 'Verify all', 'repository.check', 'target'),
      action('i', 'Figures', 'repository.stats', 'target'),
      action('p', 'Give room back', 'repository.prune', 'target'),
      action('m', 'Mend', 'repository.repair', 'target'),
      action('K', 'Keys', 'repository.key.list', 'target'),
      action('f', 'Forget by rule', 'point.forget', 'target'),
      action('x', 'Remove', 'target.remove', 'name'),
    ],
  },
];

/** Protection that happens by itself. */
const policing: readonly ViewDeclaration[] = [
  {
    id: 'policies',
    title: 'Policies',
    activity: 'policies',
    command: 'policy.list',
    open: open('policy.show', 'policy'),
    actions: [
      action('e', 'Edit', 'policy.set', 'policy'),
      action('r', 'Run now', 'schedule.run', 'policy'),
      action('z', 'Pause', 'policy.pause', 'policy'),
      action('Z', 'Resume', 'policy.resume', 'policy'),
      action('x', 'Remove', 'policy.remove', 'policy'),
    ],
  },
  {
    id: 'policies.schedules',
    title: 'Schedules',
    activity: 'policies',
    command: 'schedule.list',
    refreshMs: 30_000,
    actions: [action('r', 'Run now', 'schedule.run', 'policy')],
  },
];

/** What administrators hear. */
const telling: readonly ViewDeclaration[] = [
  { id: 'alarms', title: 'Alarms', activity: 'policies', command: 'alarm.list', refreshMs: 10_000 },
  {
    id: 'settings.notifiers',
    title: 'Notifiers',
    activity: 'policies',
    command: 'notifier.list',
    open: open('notifier.check', 'name', 'Check'),
    actions: [action('t', 'Send a test', 'notifier.test', 'name'), action('x', 'Remove', 'notifier.remove', 'name')],
  },
];

const keeping: readonly ViewDeclaration[] = [
  {
    id: 'plugins',
    title: 'Plugins',
    activity: 'plugins',
    command: 'plugin.list',
    open: open('plugin.show', 'name'),
    actions: [
      action('t', 'Trust', 'plugin.trust', 'name'),
      action('v', 'Check', 'plugin.check', 'plugin'),
      action('e', 'Run its tests', 'plugin.test', 'plugin'),
      action('x', 'Remove', 'plugin.remove', 'name'),
    ],
  },
  {
    id: 'reports',
    title: 'Reports',
    activity: 'plugins',
    command: 'report.list',
    open: open('report.show', 'report'),
  },
  {
    id: 'settings',
    title: 'Configuration',
    activity: 'settings',
    command: 'config.show',
  },
  {
    id: 'settings.themes',
    title: 'Themes',
    activity: 'settings',
    command: 'theme.list',
    open: open('theme.show', 'theme'),
    actions: [action('v', 'Check', 'theme.check', 'theme')],
  },
  {
    id: 'settings.keys',
    title: 'Keys',
    activity: 'settings',
    command: 'keys.list',
  },
  {
    id: 'settings.conflicts',
    title: 'Conflicts of keys',
    activity: 'settings',
    command: 'keys.conflicts',
  },
  {
    id: 'settings.secrets',
    title: 'Secrets',
    activity: 'settings',
    command: 'config.secret.list',
    actions: [action('x', 'Remove', 'config.secret.remove', 'name')],
  },
  {
    id: 'panel.runs',
    title: 'Running',
    activity: 'panel',
    command: 'run.list',
    args: { state: 'running' },
    refreshMs: 1_000,
    open: open('run.show', 'run'),
    actions: runActions,
  },
];

const watching: readonly ViewDeclaration[] = [
  { id: 'audit', title: 'Audit log', activity: 'audit', command: 'audit.list' },
  {
    id: 'audit.approvals',
    title: 'Approvals',
    activity: 'audit',
    command: 'approval.list',
    open: open('approval.show', 'approval'),
    actions: [action('y', 'Grant', 'approval.grant', 'approval'), action('n', 'Deny', 'approval.deny', 'approval')],
  },
  {
    id: 'audit.sessions',
    title: 'Sessions',
    activity: 'audit',
    command: 'session.list',
    actions: [action('x', 'End', 'session.end', 'session')],
  },
  {
    id: 'audit.users',
    title: 'Users',
    activity: 'audit',
    command: 'user.list',
    open: open('user.show', 'name'),
    actions: [action('r', 'Change roles', 'user.role', 'name'), action('x', 'Remove', 'user.remove', 'name')],
  },
];

/** The views that Holdfast has by itself. A plugin's views stand after them. */
export const builtInViews: readonly ViewDeclaration[] = [...looking, ...policing, ...telling, ...keeping, ...watching];
