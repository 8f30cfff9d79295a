import { standingOf } from '../../access/approvals.ts';
import type { ShellHandler } from '../../contract.ts';
import { textOf } from '../../registry/argument-values.ts';
import { approvalView, findApproval, lineOf } from './shown.ts';

export const run: ShellHandler = async (site, args) => {
  const approval = await findApproval(site, textOf(args, 'approval'));
  const now = site.now();
  const line = await lineOf(site, approval);
  return {
    data: { ...approval, state: standingOf(approval, now), line },
    view: approvalView(`Approval ${approval.id}`, approval, line, now),
  };
};
