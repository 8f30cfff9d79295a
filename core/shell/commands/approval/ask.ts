import { HoldfastError } from '@holdfast/api';
import type { ApprovalTerms } from '../../access/contract.ts';
import { mayRun, needsApproval } from '../../access/roles.ts';
import { approvedArguments, auditedArguments } from '../../audit/audited-arguments.ts';
import type { ShellHandler, Site } from '../../contract.ts';
import { completeArguments } from '../../registry/answers.ts';
import { isSet, listOf, textOf } from '../../registry/argument-values.ts';
import { checkArguments } from '../../registry/check-arguments.ts';
import { executeCommand } from '../../registry/execute.ts';
import { detailView, plainData, stackView, textCell } from '../../view/build.ts';
import { findCommand, readWords } from './read-words.ts';
import { approvalView, lineOf } from './shown.ts';

async function termsOf(site: Site): Promise<ApprovalTerms> {
  const { expireHours = 24, delayMinutes = 0 } = (await site.config()).config.approvals ?? {};
  return { lifeMs: expireHours * 3_600_000, delayMs: delayMinutes * 60_000 };
}

export const run: ShellHandler = async (site, args, call) => {
  const { command, rest } = findCommand(await site.commands(), listOf(args, 'words'));
  const words = command.id.replaceAll('.', ' ');
  if (!needsApproval(command)) {
    throw new HoldfastError('USAGE', `${words} waits for nobody: only what destroys, or hands out power, does`, {
      remedy: 'run it',
    });
  }
  if (!mayRun(site.actor, command)) {
    throw new HoldfastError('ACCESS_DENIED', `${words} is not for you, so an approval would be of no use`, {
      remedy: 'ask an administrator to do it',
      facts: { command: command.id },
    });
  }
  const complete = await completeArguments(command, checkArguments(command, readWords(command, rest)), null);
  const given = (await command.settle?.(complete)) ?? complete;
  // Tried first: nobody shall agree to what is mistyped or cannot be done.
  const preview = await executeCommand(site, command, { ...given, dryRun: true }, call);
  const exact = approvedArguments(command, given);
  const terms = await termsOf(site);
  if (isSet(args, 'dryRun')) {
    const plan = detailView('Would ask for', [['command', 'Command', textCell(words)]]);
    return { data: { dryRun: true, command: command.id, args: exact }, view: stackView('', [plan, preview.view]) };
  }
  const approval = await (await site.access()).ask(command.id, exact, site.actor, textOf(args, 'reason'), terms);
  await (await site.audit()).append(site.actor, 'approval.asked', {
    approval: approval.id,
    command: command.id,
    arguments: auditedArguments(command, exact),
    reason: approval.asked.reason,
  });
  const view = approvalView('Asked', approval, await lineOf(site, approval), site.now());
  const next = detailView('', [
    [
      'next',
      'Next',
      textCell(`somebody else: holdfast approval grant ${approval.id}; then run the command as it stands here`),
    ],
  ]);
  return { data: plainData(approval), view: stackView('', [view, next, preview.view]) };
};
