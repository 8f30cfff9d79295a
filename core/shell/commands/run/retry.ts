import { HoldfastError } from '@holdfast/api';
import type { ShellHandler } from '../../contract.ts';
import { shortId } from '../../lookup/names.ts';
import { failureOfRun, findRun } from '../../lookup/runs.ts';
import { isSet, textOf } from '../../registry/argument-values.ts';
import { confirmChange } from '../../registry/confirm.ts';
import { detailView, plainData, textCell } from '../../view/build.ts';
import { runView } from '../../view/run-view.ts';

export const run: ShellHandler = async (site, args, call) => {
  const found = await findRun(site, textOf(args, 'run'));
  if (found.state === 'done') {
    throw new HoldfastError('RUN_NOT_RETRYABLE', `run ${shortId(found.id)} is done, so there is nothing to do again`);
  }
  const what = `runs ${found.steps.map(({ use }) => use).join(' → ')} of ${found.machineName} again`;
  if (isSet(args, 'dryRun')) {
    return {
      data: { dryRun: true, run: found.id },
      view: detailView('Plan', [['plan', 'Would', textCell(`This ${what}`)]]),
    };
  }
  await confirmChange(site, args, what);
  const { jobs } = await site.catalog();
  const ended = await (await site.engine()).retry(found.id, call);
  const problem = failureOfRun(ended);
  if (problem !== null) throw problem;
  return {
    data: { run: plainData(ended) },
    view: runView(ended, await jobs.steps(ended.id), [], site.now()),
    partial: ended.state === 'partial',
  };
};
