import { join } from 'node:path';
import { type Call, isHoldfastError } from '@holdfast/api';
import { type CatalogState, stateOfCatalog } from '../../../catalog/recover/state.ts';
import type { Site } from '../../contract.ts';
import { formatBytes, formatCount } from '../../format/numbers.ts';
import type { CheckRow } from '../../lookup/check-items.ts';

const of = 'catalog';

/** Whether the catalog is whole; and where one is gone or new, whether a repository has a copy of an earlier one. */
export async function catalogRows(site: Site, call: Call): Promise<readonly CheckRow[]> {
  // Before it is opened, for that makes one where there is none.
  const state = stateOfCatalog(join(site.folders.data, 'catalog.db'));
  if (state.kind === 'damaged') {
    const remedy = '`holdfast repository recover` takes the newest copy from a repository; this one is kept beside it';
    return [{ of, title: 'integrity', state: 'failed', detail: state.why, remedy }];
  }
  const { ok, detail, schema, bytes } = await (await site.catalog()).check();
  const integrity: CheckRow = {
    of,
    title: 'integrity',
    state: ok ? 'ok' : 'failed',
    detail: `${detail}; version ${schema}, ${formatBytes(bytes)}`,
    ...(ok
      ? {}
      : { remedy: '`holdfast repository recover --replace` takes the newest copy from a repository, and keeps this' }),
  };
  return [integrity, ...(isNew(state) ? await savedRows(site, call) : [])];
}

const isNew = (state: CatalogState): boolean =>
  state.kind === 'none' || (state.kind === 'whole' && state.runs === 0 && state.points === 0);

async function savedRows(site: Site, call: Call): Promise<readonly CheckRow[]> {
  const rows: CheckRow[] = [];
  for (const target of Object.keys((await site.config()).config.targets)) {
    try {
      const saved = await (await site.repository(target, call)).catalogs(call);
      if (saved.length === 0) continue;
      const copies = saved.length === 1 ? '1 copy of one is' : `${formatCount(saved.length)} copies of one are`;
      rows.push({
        of,
        title: 'history',
        state: 'warning',
        detail: `this catalog is new, and ${copies} saved on ${target}`,
        remedy: `if this installation had one before, \`holdfast repository recover ${target}\` brings it back`,
      });
    } catch (problem) {
      // What is wrong with a target is told where targets are looked at.
      if (!isHoldfastError(problem) || problem.code === 'CANCELLED') throw problem;
    }
  }
  return rows;
}
