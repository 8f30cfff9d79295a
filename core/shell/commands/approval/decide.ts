import { auditedArguments } from '../../audit/audited-arguments.ts';
import type { ShellHandler } from '../../contract.ts';
import { isSet, textOf } from '../../registry/argument-values.ts';
import { confirmChange } from '../../registry/confirm.ts';
import { plainData } from '../../view/build.ts';
import { approvalView, findApproval, lineOf } from './shown.ts';

/** Handles both decisions; they differ in one word. */
export const decide =
  (granted: boolean): ShellHandler =>
  async (site, args) => {
    const access = await site.access();
    const before = await findApproval(site, textOf(args, 'approval'));
    const { id, command, args: exact, asked } = before;
    const line = await lineOf(site, before);
    const what = granted
      ? `agrees to what ${asked.by} asked for: ${line}`
      : `refuses what ${asked.by} asked for: ${line}`;
    if (isSet(args, 'dryRun')) {
      return {
        data: { dryRun: true, id, granted },
        view: approvalView(`Would be ${granted ? 'granted' : 'refused'}`, before, line, site.now()),
      };
    }
    await confirmChange(site, args, what);
    const reason = textOf(args, 'reason');
    const approval = await access.decide(id, granted, site.actor, reason);
    const declared = (await site.commands()).find((one) => one.id === command);
    await (await site.audit()).append(site.actor, 'approval.decided', {
      approval: id,
      granted,
      command,
      arguments: declared === undefined ? {} : auditedArguments(declared, exact),
      askedBy: asked.by,
      reason,
    });
    return {
      data: plainData(approval),
      view: approvalView(granted ? 'Granted' : 'Refused', approval, line, site.now()),
    };
  };
