import { type Call, type CheckItem, isHoldfastError, type StoreFacts } from '@holdfast/api';
import type { ShellHandler, Site } from '../../contract.ts';
import { formatBytes, formatRatio } from '../../format/numbers.ts';
import { type CheckRow, checkTable, failedItem } from '../../lookup/check-items.ts';
import { targetsFor } from '../../lookup/targets.ts';
import { textOrNull } from '../../registry/argument-values.ts';
import { plainData } from '../../view/build.ts';

/** Less than this share of room left is worth a word. */
const littleRoom = 0.1;

function factItems({ conditionalPut, lockUntil, freeBytes, totalBytes, items }: StoreFacts): readonly CheckItem[] {
  const isTight = freeBytes !== null && totalBytes !== null && freeBytes < littleRoom * totalBytes;
  const share =
    totalBytes === null || freeBytes === null
      ? ''
      : ` of ${formatBytes(totalBytes)} (${formatRatio(freeBytes / totalBytes)})`;
  return [
    ...items,
    {
      title: 'several hosts',
      state: conditionalPut ? 'ok' : 'warning',
      detail: conditionalPut
        ? 'of two writers of one name exactly one wins'
        : 'for one host only: it cannot tell two writers apart',
    },
    { title: 'locks', state: 'ok', detail: lockUntil ? 'objects can be locked until a time' : 'it has none' },
    {
      title: 'room',
      state: isTight ? 'warning' : 'ok',
      detail: freeBytes === null ? 'it does not tell' : `${formatBytes(freeBytes)} free${share}`,
    },
  ];
}

async function look(site: Site, name: string, call: Call): Promise<readonly CheckRow[]> {
  const rows: CheckRow[] = [];
  try {
    const store = await site.store(name, call);
    rows.push(...factItems(await store.probe(call)).map((item) => ({ ...item, of: name })));
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
      detail: `${repository.id} opens; ${points.length} restore points`,
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
  const failed = rows.filter(({ state }) => state === 'failed');
  const [first] = failed;
  return {
    data: { checks: plainData(rows) },
    view: checkTable('Checks', rows),
    ...(first === undefined
      ? {}
      : {
          failure: {
            code: 'TARGET_UNREACHABLE' as const,
            message: `${failed.length} of ${rows.length} checks failed, the first on ${first.of}: ${first.detail}`,
          },
        }),
  };
};
