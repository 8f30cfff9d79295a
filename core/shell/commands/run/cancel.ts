import type { ShellHandler } from '../../contract.ts';
import { shortId } from '../../lookup/names.ts';
import { findRun, runState } from '../../lookup/runs.ts';
import { isSet, textOf } from '../../registry/argument-values.ts';
import { confirmChange } from '../../registry/confirm.ts';
import { detailView, plainData, textCell } from '../../view/build.ts';

export const run: ShellHandler = async (site, args, call) => {
  const found = await findRun(site, textOf(args, 'run'));
  const what = `stops run ${shortId(found.id)} of ${found.machineName}; what it has not committed is given up`;
  if (isSet(args, 'dryRun')) {
    return {
      data: { dryRun: true, run: found.id },
      view: detailView('Plan', [['plan', 'Would', textCell(`This ${what}`)]]),
    };
  }
  await confirmChange(site, args, what);
  const asked = await (await site.catalog()).jobs.askCancel(found.id, call.who);
  const text =
    asked.state === 'cancelled'
      ? 'it had not begun and is cancelled'
      : 'asked to stop; `holdfast run watch` shows when it has';
  return {
    data: { run: plainData(asked) },
    view: detailView(`Run ${found.id}`, [
      ['state', 'State', runState(asked.state)],
      ['next', 'Now', textCell(text)],
    ]),
  };
};
