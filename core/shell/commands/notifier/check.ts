import { isHoldfastError } from '@holdfast/api';
import { findInstance } from '../../../config/instance.ts';
import { openNotifier } from '../../../engine/alarms/notifiers.ts';
import { parseWhen } from '../../../model/schedules/when.ts';
import type { ShellHandler } from '../../contract.ts';
import { type CheckRow, checkFailure, checkTable, failedItem } from '../../lookup/check-items.ts';
import { textOrNull } from '../../registry/argument-values.ts';
import { plainData } from '../../view/build.ts';

export const run: ShellHandler = async (site, args, call) => {
  const only = textOrNull(args, 'name');
  const config = await site.config();
  if (only !== null) findInstance(config, 'notifiers', only);
  const deps = { config, host: await site.host(), secrets: await site.secrets() };
  const rows: CheckRow[] = [];
  const notifiers = config.config.notifiers ?? {};
  for (const name of only === null ? Object.keys(notifiers) : [only]) {
    try {
      const digest = notifiers[name]?.digest;
      if (typeof digest === 'string') parseWhen(digest);
      const items = await (await openNotifier(deps, name, call)).check(call);
      rows.push(...items.map((item) => ({ ...item, of: name })));
    } catch (problem) {
      if (!isHoldfastError(problem) || problem.code === 'CANCELLED') throw problem;
      rows.push(failedItem(name, problem.code === 'SCHEDULE_INVALID' ? 'digest' : 'open', problem));
    }
  }
  return {
    data: { checks: plainData(rows) },
    view: checkTable('Checks', rows),
    ...checkFailure(rows, 'NOTIFY_FAILED'),
  };
};
