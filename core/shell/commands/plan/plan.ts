import type { ShellHandler } from '../../contract.ts';
import { wantedPolicies } from '../../lookup/policy-file.ts';
import { textOrNull } from '../../registry/argument-values.ts';
import { planAnswer } from './answer.ts';

export const run: ShellHandler = async (site, args, call) => {
  const wanted = await wantedPolicies(site, textOrNull(args, 'file'));
  return planAnswer(wanted, await (await site.engine()).policies.plan(wanted, call));
};
