import type { RunRecord } from '../../../catalog/contract.ts';
import type { RunFigures } from '../../../engine/contract.ts';
import { keptPromise } from '../../../model/objectives/kept.ts';
import type { ShellHandler } from '../../contract.ts';
import { formatDuration } from '../../format/times.ts';
import { pastTime } from '../../lookup/past-time.ts';
import { textOrNull } from '../../registry/argument-values.ts';
import {
  countCell,
  durationCell,
  noCell,
  ratioCell,
  stackView,
  stateCell,
  tableView,
  textCell,
} from '../../view/build.ts';

const bars = '▁▂▃▄▅▆▇█';
const mostRuns = 10_000;

/** Shares from 0 to 1 as bars: full is kept all the time. */
const trendBars = (trend: readonly number[]): string =>
  trend.map((share) => bars[Math.min(bars.length - 1, Math.floor(share * bars.length))] ?? '').join('');

const keyOf = ({ endpoint, machine }: { readonly endpoint: string; readonly machine: string }): string =>
  `${endpoint}\n${machine}`;

/** Restore points that were kept for a while and have gone since: a run that made one has it in its figures. */
const madePoint = ({ kind, state, result }: RunRecord): boolean =>
  kind === 'protect' && (state === 'done' || state === 'partial') && (result as RunFigures | null)?.point !== undefined;

export const run: ShellHandler = async (site, args) => {
  const now = site.now();
  const since = textOrNull(args, 'since') ?? '30d';
  const wanted = pastTime('since', since, now);
  const catalog = await site.catalog();
  const engine = await site.engine();
  const [covered, points, runs, history] = await Promise.all([
    engine.policies.coverage(),
    catalog.points({}),
    catalog.jobs.list({ states: ['done', 'partial'], limit: mostRuns }),
    catalog.policies.history(),
  ]);
  // Before there were policies nothing was promised; before the oldest run that is looked at nobody knows what has been there and gone.
  const known = runs.length < mostRuns ? wanted : (runs.at(-1)?.createdAt ?? wanted);
  const from = Math.min(now, Math.max(wanted, history.at(-1)?.at ?? wanted, known));
  const taken = Map.groupBy(
    [
      ...points.map((one) => ({ key: keyOf(one), at: one.takenAt })),
      ...runs.filter(madePoint).map((one) => ({ key: keyOf(one), at: one.startedAt ?? one.createdAt })),
    ],
    ({ key }) => key,
  );
  const rows = covered
    .filter(({ rpoMs }) => rpoMs !== null)
    .map((one) => {
      const moments = (taken.get(keyOf(one)) ?? []).map(({ at }) => at);
      const kept = keptPromise(moments, one.rpoMs ?? 0, from, now);
      return { ...one, ...kept, met: kept.wholeMs === 0 ? 1 : 1 - kept.outMs / kept.wholeMs };
    })
    .toSorted((a, b) => a.met - b.met || (a.name < b.name ? -1 : 1));
  const sum = (of: (row: (typeof rows)[number]) => number): number => rows.reduce((total, row) => total + of(row), 0);
  const whole = sum(({ wholeMs }) => wholeMs);
  const totals = {
    machines: rows.length,
    met: rows.filter(({ misses }) => misses === 0).length,
    misses: sum(({ misses }) => misses),
    share: whole === 0 ? null : 1 - sum(({ outMs }) => outMs) / whole,
    without: covered.filter(({ rpoMs }) => rpoMs === null).length,
  };
  return {
    data: {
      from,
      until: now,
      totals,
      machines: rows.map(({ endpoint, machine, name, policies, rpoMs, worstMs, outMs, misses, met, trend }) => ({
        endpoint,
        machine,
        name,
        policies,
        rpoMs,
        worstMs,
        outMs,
        misses,
        met,
        trend,
      })),
    },
    view: stackView(`Recovery point objectives of the last ${formatDuration(now - from)}`, [
      tableView(
        'Totals',
        [
          { key: 'machines', title: 'machines with an objective', align: 'right', priority: 0 },
          { key: 'met', title: 'never missed it', align: 'right', priority: 0 },
          { key: 'misses', title: 'misses', align: 'right', priority: 0 },
          { key: 'share', title: 'time within', align: 'right', priority: 0 },
          { key: 'without', title: 'machines without', align: 'right' },
        ],
        [
          {
            id: '@totals',
            cells: {
              machines: countCell(totals.machines),
              met: countCell(totals.met),
              misses: countCell(totals.misses),
              share: totals.share === null ? noCell : ratioCell(totals.share),
              without: countCell(totals.without),
            },
          },
        ],
        '',
      ),
      tableView(
        'Machines, the worst first',
        [
          { key: 'name', title: 'machine', priority: 0 },
          { key: 'policy', title: 'policy' },
          { key: 'rpo', title: 'objective', align: 'right', priority: 0 },
          { key: 'worst', title: 'worst', align: 'right', priority: 0 },
          { key: 'met', title: 'time within', align: 'right', priority: 0 },
          { key: 'out', title: 'time outside', align: 'right' },
          { key: 'misses', title: 'misses', align: 'right' },
          { key: 'trend', title: 'trend' },
        ],
        rows.map((row) => ({
          id: `${row.endpoint}/${row.name}`,
          cells: {
            name: row.misses === 0 ? textCell(row.name) : stateCell(row.name, row.met < 0.99 ? 'bad' : 'risk'),
            policy: textCell(row.policies.join(', ')),
            rpo: durationCell(row.rpoMs ?? 0),
            worst: durationCell(row.worstMs),
            met: ratioCell(row.met),
            out: durationCell(row.outMs),
            misses: countCell(row.misses),
            trend: textCell(trendBars(row.trend)),
          },
        })),
        'no policy in force promises a recovery point objective',
      ),
    ]),
  };
};
