import type { Danger } from '@holdfast/api';
import type { Role } from './contract.ts';

export const allRoles: readonly Role[] = ['viewer', 'operator', 'administrator', 'auditor', 'approver'];

/** Look at what is protected and how. */
const everyone = allRoles;
/** Protect and restore: the daily work. It reads machines' data, so it is not for everyone who may look. */
const daily: readonly Role[] = ['operator', 'administrator'];
/** How it is set up. */
const setUp: readonly Role[] = ['operator', 'administrator', 'auditor'];
/** Who may do what, and who did. */
const people: readonly Role[] = ['administrator', 'auditor'];
/** Approvals: those who ask, those who decide, those who look into it afterwards. */
const agreeing: readonly Role[] = ['operator', 'administrator', 'auditor', 'approver'];
const administrators: readonly Role[] = ['administrator'];
const approvers: readonly Role[] = ['approver'];

/**
 * Who may run which command of Holdfast itself. What has no row is for nobody; a test finds commands without a row and rows without a command.
 * @see docs/decisions/roles-and-approvals.md
 */
export const roleTable: Readonly<Record<string, readonly Role[]>> = {
  overview: everyone,
  'overview.item': everyone,
  workbench: everyone,
  serve: administrators,
  init: administrators,
  quickstart: administrators,
  doctor: daily,
  completion: everyone,
  'completion.names': everyone,

  'endpoint.list': everyone,
  'endpoint.check': daily,
  'endpoint.add': administrators,
  'endpoint.remove': administrators,
  'machine.list': everyone,
  'machine.show': everyone,
  'machine.power': daily,
  'target.list': everyone,
  'target.doctor': daily,
  'target.add': administrators,
  'target.remove': administrators,

  protect: daily,
  // It reads a file of this machine.
  plan: setUp,
  apply: administrators,
  'policy.list': everyone,
  'policy.show': everyone,
  'policy.history': everyone,
  'policy.template': everyone,
  'policy.set': administrators,
  'policy.remove': administrators,
  'policy.pause': administrators,
  'policy.resume': administrators,
  'policy.match': everyone,
  'policy.words': everyone,
  'schedule.list': everyone,
  'schedule.preview': everyone,
  'schedule.run': daily,
  'schedule.tick': daily,
  'notifier.list': everyone,
  'notifier.check': daily,
  'notifier.test': daily,
  'notifier.add': administrators,
  'notifier.remove': administrators,
  'alarm.list': everyone,
  metrics: everyone,
  'report.rpo': everyone,
  'run.list': everyone,
  'run.show': everyone,
  'run.watch': everyone,
  'run.why': everyone,
  'run.cancel': daily,
  'run.retry': daily,
  'restore.machine': daily,
  'point.list': everyone,
  'point.show': everyone,
  'point.timeline': everyone,
  'point.verify': daily,
  'point.export': daily,
  'point.copy': daily,
  'point.forget': administrators,

  'repository.stats': everyone,
  'repository.check': daily,
  'repository.reindex': administrators,
  'repository.prune': administrators,
  'repository.deduplicate': administrators,
  'repository.repair': administrators,
  'repository.sync': daily,
  'repository.accept': administrators,
  'repository.recover': administrators,
  'repository.key.list': people,
  'repository.key.add': administrators,
  'repository.key.remove': administrators,
  'repository.key.recovery': administrators,
  'repository.key.rotate': administrators,

  'config.schema': everyone,
  'config.show': setUp,
  'config.validate': setUp,
  'config.trust': administrators,
  'config.secret.list': people,
  'config.secret.set': administrators,
  'config.secret.remove': administrators,

  'plugin.list': everyone,
  'plugin.show': everyone,
  'plugin.settings': everyone,
  'plugin.check': administrators,
  'plugin.test': administrators,
  'plugin.new': administrators,
  'plugin.add': administrators,
  'plugin.trust': administrators,
  'plugin.remove': administrators,

  'user.list': people,
  'user.show': people,
  'user.add': administrators,
  'user.role': administrators,
  'user.remove': administrators,
  'user.totp': administrators,
  'approval.ask': daily,
  'approval.list': agreeing,
  'approval.show': agreeing,
  'approval.grant': approvers,
  'approval.deny': approvers,
  'audit.list': people,
  'audit.show': people,
  'audit.verify': people,
  'audit.head': people,
  'audit.export': people,
  'session.list': people,
  // A screen may show secrets.
  'session.observe': administrators,
  'session.replay': administrators,
  'session.end': administrators,
  'session.terminal': administrators,

  'view.list': everyone,
  'report.list': everyone,
  // What it runs is checked by itself.
  'report.show': everyone,
  'theme.list': everyone,
  'theme.show': everyone,
  'theme.check': everyone,
  'keys.list': everyone,
  'keys.conflicts': everyone,
};

/** Who may run a command that a plugin contributes, by what it does to the world. */
export const contributedRoles: Readonly<Record<Danger, readonly Role[]>> = {
  read: setUp,
  change: daily,
  destroy: administrators,
};
