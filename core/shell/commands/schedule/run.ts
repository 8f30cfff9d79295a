import { HoldfastError } from '@holdfast/api';
import type { ShellHandler } from '../../contract.ts';
import { tellBegun } from '../../lookup/runs.ts';
import { isSet, listOf, textOf, textOrNull } from '../../registry/argument-values.ts';
import { confirmChange } from '../../registry/confirm.ts';
import { detailView, textCell } from '../../view/build.ts';
import { protectedAnswer } from '../protect/answer.ts';

export const run: ShellHandler = async (site, args, call) => {
  // Both in one word, as lists of workflows have it: no name has a slash in it.
  const [policy = '', named = null] = textOf(args, 'policy').split('/', 2);
  const workflow = textOrNull(args, 'workflow') ?? named;
  const machines = [...new Set(listOf(args, 'machine'))];
  const { schedules } = await site.engine();
  const found = (await schedules.list()).filter((one) => one.policy === policy);
  const [first] = found;
  if (first === undefined)
    throw new HoldfastError('POLICY_NOT_FOUND', `no policy in force is called ${policy}`, { facts: { policy } });
  const which = workflow ?? found.map((one) => one.workflow).join(', ');
  const whom = machines.length > 0 ? machines.join(', ') : `its ${first.machines} machines`;
  const what = `runs ${which} of policy ${policy} now for ${whom}`;
  if (isSet(args, 'dryRun'))
    return {
      data: { dryRun: true, policy, workflow, machines },
      view: detailView('Plan', [['plan', 'Would', textCell(`This ${what}`)]]),
    };
  await confirmChange(site, args, what);
  const runs = await schedules.runNow(policy, workflow, machines, call, (begun) => tellBegun(site, begun, call));
  return protectedAnswer(
    runs.map((ended) => ({ machine: ended.machineName, run: ended, problem: null })),
    site.now(),
  );
};
