import { isHoldfastError } from '@holdfast/api';
import type { RunRecord } from '../../../catalog/contract.ts';
import type { ShellHandler } from '../../contract.ts';
import { failureOfRun, findRun } from '../../lookup/runs.ts';
import { textOf } from '../../registry/argument-values.ts';
import { plainData } from '../../view/build.ts';
import { runView } from '../../view/run-view.ts';

/** Follows a run, whichever process executes it. The answer is the run as it ended; a run that failed makes the watching fail. */
export const run: ShellHandler = async (site, args, call) => {
  let last: RunRecord = await findRun(site, textOf(args, 'run'));
  const engine = await site.engine();
  try {
    for await (const event of engine.watch(last.id, call)) {
      if (event.kind === 'log') call.log(event.level, event.text);
      else {
        last = event.run;
        if (last.progress !== null) call.progress(last.progress);
      }
    }
  } catch (problem) {
    if (!isHoldfastError(problem, 'CANCELLED')) throw problem;
  }
  const { jobs } = await site.catalog();
  const ended = (await jobs.get(last.id)) ?? last;
  const problem = failureOfRun(ended);
  const isOver = ended.endedAt !== null;
  return {
    data: { run: plainData(ended) },
    view: runView(ended, await jobs.steps(ended.id), [], site.now()),
    partial: ended.state === 'partial',
    ...(isOver && problem !== null
      ? { failure: { code: problem.code, message: problem.message, remedy: problem.remedy ?? '' } }
      : {}),
  };
};
