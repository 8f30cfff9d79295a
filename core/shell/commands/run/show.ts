import type { ShellHandler } from '../../contract.ts';
import { findRun } from '../../lookup/runs.ts';
import { textOf } from '../../registry/argument-values.ts';
import { plainData } from '../../view/build.ts';
import { runView } from '../../view/run-view.ts';

const lastLines = 200;

export const run: ShellHandler = async (site, args) => {
  const found = await findRun(site, textOf(args, 'run'));
  const { jobs } = await site.catalog();
  const [steps, lines, reasons] = await Promise.all([
    jobs.steps(found.id),
    jobs.logLines(found.id, lastLines),
    jobs.reasons(found.id),
  ]);
  return {
    data: { run: plainData(found), steps: plainData(steps), log: plainData(lines), reasons: plainData(reasons) },
    view: runView(found, steps, lines, site.now()),
  };
};
