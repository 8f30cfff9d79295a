import { type Call, HoldfastError, type PointSummary } from '@holdfast/api';
import type { Keep } from '../../../config/contract.ts';
import { decideRetention } from '../../../model/retention/decide.ts';
import type { ShellHandler, Site } from '../../contract.ts';
import { formatNumbered } from '../../format/numbers.ts';
import { byIdentity, shortId } from '../../lookup/names.ts';
import { listPoints, pointsOfMachine } from '../../lookup/points.ts';
import { type Arguments, isSet, listOf, numberOrNull, textOrNull } from '../../registry/argument-values.ts';
import { confirmChange } from '../../registry/confirm.ts';
import { bytesCell, plainData, stateCell, tableView, textCell, timeCell } from '../../view/build.ts';

/** What becomes of one restore point, and why. */
interface Fate {
  readonly point: PointSummary;
  readonly goes: boolean;
  readonly why: string;
}

function keepRules(args: Arguments): Keep | null {
  const rules = ['Last', 'Hourly', 'Daily', 'Weekly', 'Monthly', 'Yearly'].flatMap((name) => {
    const count = numberOrNull(args, `keep${name}`);
    return count === null ? [] : [[name.toLowerCase(), count] as const];
  });
  return rules.length === 0 ? null : Object.fromEntries(rules);
}

function byRules(points: readonly PointSummary[], keep: Keep, now: number): readonly Fate[] {
  const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  const targets = Map.groupBy(points, ({ target }) => target);
  return [...targets.values()].flatMap((there) => {
    const decided = decideRetention(there, keep, now, zone);
    return [
      ...decided.keep.map(({ point, rules }) => ({ point, goes: false, why: rules.join(', ') })),
      ...decided.expire.map((point) => ({ point, goes: true, why: 'no rule keeps it' })),
    ];
  });
}

function decide(args: Arguments, points: readonly PointSummary[], now: number): readonly Fate[] {
  const wanted = listOf(args, 'points');
  const machine = textOrNull(args, 'machine');
  const keep = keepRules(args);
  if (wanted.length > 0 && (machine !== null || keep !== null)) {
    throw new HoldfastError('USAGE', 'name restore points, or a machine with --keep rules, not both');
  }
  if (wanted.length > 0) {
    return wanted.map((id) => ({
      point: byIdentity(id, points, (point) => point.point, 'restore point', 'POINT_NOT_FOUND'),
      goes: true,
      why: 'named',
    }));
  }
  if (machine === null || keep === null) {
    throw new HoldfastError('ANSWER_MISSING', 'which restore points to forget is not said', {
      remedy: 'name them, or add `--machine MACHINE` and at least one rule like `--keep-daily 14`',
    });
  }
  return byRules(pointsOfMachine(machine, points), keep, now);
}

const fateTable = (fates: readonly Fate[], past: string) =>
  tableView(
    'Restore points',
    [
      { key: 'point', title: 'point', priority: 0 },
      { key: 'fate', title: 'what', priority: 0 },
      { key: 'machine', title: 'machine', priority: 0 },
      { key: 'taken', title: 'taken' },
      { key: 'target', title: 'target', priority: 2 },
      { key: 'stored', title: 'stored', align: 'right', priority: 2 },
      { key: 'why', title: 'why' },
    ],
    fates.map(({ point, goes, why }) => ({
      id: point.point,
      cells: {
        point: textCell(shortId(point.point)),
        fate: goes ? stateCell(past, 'risk') : stateCell('kept', 'good'),
        machine: textCell(point.machineName),
        taken: timeCell(point.takenAt),
        target: textCell(point.target),
        stored: bytesCell(point.storedBytes),
        why: textCell(why),
      },
    })),
    'no restore points',
  );

async function forgetAll(site: Site, going: readonly PointSummary[], reason: string, call: Call): Promise<void> {
  const engine = await site.engine();
  for (const [target, points] of Map.groupBy(going, (point) => point.target)) {
    await engine.forgetPoints(
      target,
      points.map(({ point }) => point),
      reason,
      call,
    );
  }
}

export const run: ShellHandler = async (site, args, call) => {
  const { points } = await listPoints(site, textOrNull(args, 'target'), call);
  const fates = decide(args, points, site.now());
  const going = fates.filter(({ goes }) => goes).map(({ point }) => point);
  const told = { forgotten: going.map(({ point }) => point), fates: plainData(fates) };
  if (isSet(args, 'dryRun')) return { data: { dryRun: true, ...told }, view: fateTable(fates, 'would go') };
  if (going.length === 0) return { data: told, view: fateTable(fates, 'forgotten') };
  const machines = [...new Set(going.map(({ machineName }) => machineName))].join(', ');
  const count = formatNumbered(going.length, 'restore point');
  await confirmChange(site, args, `forgets ${count} of ${machines}, which cannot be restored any more`);
  await forgetAll(site, going, `asked for by ${call.who}`, call);
  return { data: told, view: fateTable(fates, 'forgotten') };
};
