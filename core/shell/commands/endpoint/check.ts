import { isHoldfastError } from '@holdfast/api';
import { findInstance } from '../../../config/instance.ts';
import type { ShellHandler } from '../../contract.ts';
import { type CheckRow, checkFailure, checkTable, failedItem } from '../../lookup/check-items.ts';
import { endpointNames } from '../../lookup/machines.ts';
import { textOrNull } from '../../registry/argument-values.ts';
import { plainData } from '../../view/build.ts';

export const run: ShellHandler = async (site, args, call) => {
  const only = textOrNull(args, 'name');
  if (only !== null) findInstance(await site.config(), 'endpoints', only);
  const rows: CheckRow[] = [];
  for (const name of only === null ? await endpointNames(site) : [only]) {
    try {
      const items = await (await site.hypervisor(name, call)).check(call);
      rows.push(...items.map((item) => ({ ...item, of: name })));
    } catch (problem) {
      if (!isHoldfastError(problem) || problem.code === 'CANCELLED') throw problem;
      rows.push(failedItem(name, 'open', problem));
    }
  }
  return {
    data: { checks: plainData(rows) },
    view: checkTable('Checks', rows),
    ...checkFailure(rows, 'ENDPOINT_UNREACHABLE'),
  };
};
