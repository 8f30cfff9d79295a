import { type Call, isHoldfastError, type StoreFacts } from '@holdfast/api';
import type { ShellHandler, Site } from '../../contract.ts';
import { formatNumbered } from '../../format/numbers.ts';
import { type CheckRow, checkFailure, checkTable, failedItem } from '../../lookup/check-items.ts';
import { rememberChecks, type TargetCheck } from '../../lookup/past-checks.ts';
import { targetsFor } from '../../lookup/targets.ts';
import { textOrNull } from '../../registry/argument-values.ts';
import { plainData } from '../../view/build.ts';

interface Looked {
  readonly rows: readonly CheckRow[];
  /** What the store said of its room; `null` where it did not answer. */
  readonly facts: StoreFacts | null;
}

async function look(site: Site, name: string, call: Call): Promise<Looked> {
  const rows: CheckRow[] = [];
  let facts: StoreFacts | null = null;
  try {
    const store = await site.store(name, call);
    facts = await store.probe(call);
    rows.push(...facts.items.map((item) => ({ ...item, of: name })));
  } catch (problem) {
    if (!isHoldfastError(problem) || problem.code === 'CANCELLED') throw problem;
    return { rows: [failedItem(name, 'open and write', problem)], facts };
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
  return { rows, facts };
}

const gravest = ['failed', 'warning', 'ok'] as const;

/** The worst of what was found, for those who look later. */
function summaryOf({ rows, facts }: Looked, at: number): TargetCheck {
  const state = gravest.find((one) => rows.some((row) => row.state === one)) ?? 'ok';
  const worst = rows.find((row) => row.state === state);
  const detail = state === 'ok' || worst === undefined ? 'in order' : `${worst.title}: ${worst.detail}`;
  return { at, state, detail, freeBytes: facts?.freeBytes ?? null, totalBytes: facts?.totalBytes ?? null };
}

/** Everything there is to find out about targets by using them; also a part of `doctor`. */
export async function targetRows(site: Site, only: string | null, call: Call): Promise<readonly CheckRow[]> {
  const rows: CheckRow[] = [];
  const found: Record<string, TargetCheck> = {};
  for (const name of await targetsFor(site, only)) {
    const looked = await look(site, name, call);
    rows.push(...looked.rows);
    found[name] = summaryOf(looked, site.now());
  }
  await rememberChecks(site, { targets: found });
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
