import { type Call, isHoldfastError } from '@holdfast/api';
import type { ShellHandler, Site } from '../../contract.ts';
import { formatNumbered } from '../../format/numbers.ts';
import { type CheckRow, checkFailure, checkTable, failedItem } from '../../lookup/check-items.ts';
import { targetsFor } from '../../lookup/targets.ts';
import { textOrNull } from '../../registry/argument-values.ts';
import { plainData } from '../../view/build.ts';

async function look(site: Site, name: string, call: Call): Promise<readonly CheckRow[]> {
  const rows: CheckRow[] = [];
  try {
    const store = await site.store(name, call);
    rows.push(...(await store.probe(call)).items.map((item) => ({ ...item, of: name })));
  } catch (problem) {
    if (!isHoldfastError(problem) || problem.code === 'CANCELLED') throw problem;
    return [failedItem(name, 'open and write', problem)];
  }
  try {
    const repository = await site.repository(name, call);
    const points = await repository.points({}, call);
    rows.push({
      of: name,
      title: 'repository',
      state: 'ok',
      detail: `${repository.id} opens; ${formatNumbered(points.length, 'restore point')}`,
    });
  } catch (problem) {
    if (!isHoldfastError(problem) || problem.code === 'CANCELLED') throw problem;
    rows.push(failedItem(name, 'repository', problem));
  }
  return rows;
}

/** Everything there is to find out about targets by using them; also a part of `doctor`. */
export async function targetRows(site: Site, only: string | null, call: Call): Promise<readonly CheckRow[]> {
  const rows: CheckRow[] = [];
  for (const name of await targetsFor(site, only)) rows.push(...(await look(site, name, call)));
  return rows;
}

export const run: ShellHandler = async (site, args, call) => {
  const rows = await targetRows(site, textOrNull(args, 'name'), call);
  return {
    data: { checks: plainData(rows) },
    view: checkTable('Checks', rows),
    ...checkFailure(rows, 'TARGET_UNREACHABLE'),
  };
};
