import type { Cell, CommandResult, Tone, View } from '@holdfast/api';
import type { RepairAct, RepairPlan, RepairReport } from '../../../repository/repair/contract.ts';
import { formatCount, formatNumbered } from '../../format/numbers.ts';
import { damageTable, listed, pointsConcerned } from '../../lookup/check-answer.ts';
import {
  countCell,
  detailView,
  durationCell,
  plainData,
  stackView,
  stateCell,
  tableView,
  textCell,
} from '../../view/build.ts';

const shownActs = 50;

const words: Readonly<Record<RepairAct['act'], readonly [would: string, did: string, tone: Tone]>> = {
  rebuild: ['would be made anew', 'made anew', 'good'],
  salvage: ['would be salvaged', 'salvaged', 'good'],
  remove: ['would be removed', 'removed', 'good'],
  none: ['stays damaged', 'stays damaged', 'bad'],
};

function actTable(acts: readonly RepairAct[], stateOf: (act: RepairAct) => Cell): View {
  return tableView(
    acts.length > shownActs ? `What is done (the first ${shownActs} of ${formatCount(acts.length)})` : 'What is done',
    [
      { key: 'object', title: 'object', priority: 0 },
      { key: 'state', title: 'what', priority: 0 },
      { key: 'detail', title: 'why', priority: 1 },
    ],
    acts.slice(0, shownActs).map((act) => ({
      id: act.object,
      cells: { object: textCell(act.object), state: stateOf(act), detail: textCell(act.detail) },
    })),
    'nothing',
  );
}

/** What programs are given of a plan; how much there is is said beside it. */
function listedPlan({ damage, acts }: RepairPlan) {
  return { damage: listed(damage), acts: listed(acts), damagedObjects: damage.length };
}

const whatToDo = 'protect the machines concerned again, put back a copy of what is named, or forget the restore points';

function failure(target: string, objects: number, points: number, remedy: string) {
  return {
    code: 'REPOSITORY_DAMAGED' as const,
    message: `the repository on ${target} stays damaged: ${formatNumbered(objects, 'object')}; cannot be restored whole: ${formatNumbered(points, 'restore point')}`,
    remedy,
  };
}

/** What a repair would do; where there is damage that nothing mends, that fails, unless it was only asked for. */
export function repairPlanAnswer(target: string, plan: RepairPlan, isDryRun: boolean): CommandResult {
  const data = { target, ...(isDryRun ? { dryRun: true } : {}), plan: plainData(listedPlan(plan)) };
  if (plan.damage.length === 0 && plan.acts.length === 0) {
    const view = detailView(`Repository on ${target}`, [
      ['state', 'State', stateCell('whole: nothing to mend', 'good')],
    ]);
    return { data, view };
  }
  const mendable = plan.acts.filter(({ act }) => act !== 'none').length;
  const sums = detailView(`Repository on ${target}`, [
    ['damage', 'Damaged or missing', countCell(plan.damage.length)],
    ['points', 'Restore points concerned', countCell(pointsConcerned(plan.damage))],
    ['mendable', 'Can be mended here', countCell(mendable)],
  ]);
  const acts = actTable(plan.acts, ({ act }) => stateCell(words[act][0], act === 'none' ? 'bad' : 'risk'));
  return {
    data,
    view: stackView('', [sums, acts, damageTable(plan.damage)]),
    ...(isDryRun ? {} : { failure: failure(target, plan.damage.length, pointsConcerned(plan.damage), whatToDo) }),
  };
}

/** What a repair did. It fails when something stays damaged. */
export function repairAnswer(target: string, report: RepairReport): CommandResult {
  const { plan, done, lostChunks } = report;
  const isDone = new Set(done.map(({ object, act }) => `${act} ${object}`));
  const left = plan.acts.filter(({ object, act }) => act === 'none' || !isDone.has(`${act} ${object}`));
  const objects = new Set(left.map(({ object }) => object));
  const concerned = plan.damage.filter(({ object }) => lostChunks > 0 || objects.has(object));
  const isWhole = left.length === 0 && lostChunks === 0;
  const sums = detailView(`Repository on ${target}`, [
    ['state', 'State', isWhole ? stateCell('mended', 'good') : stateCell('stays damaged', 'bad')],
    ['done', 'Mended', countCell(done.length)],
    ['left', 'Not mended', countCell(left.length)],
    ['lost', 'Chunks lost to every pack', countCell(lostChunks)],
    ['points', 'Restore points concerned', countCell(pointsConcerned(concerned))],
    ['duration', 'Took', durationCell(report.durationMs)],
  ]);
  const acts = actTable(plan.acts, (act) => {
    const isMended = act.act !== 'none' && isDone.has(`${act.act} ${act.object}`);
    return isMended ? stateCell(words[act.act][1], words[act.act][2]) : stateCell('stays damaged', 'bad');
  });
  const remedy =
    lostChunks > 0
      ? `protect the machines concerned again: the next run reads from the source what is lost here, and \`holdfast repository check ${target}\` says what is left`
      : whatToDo;
  return {
    data: { target, ...(plainData({ ...report, plan: listedPlan(plan), done: listed(done) }) as object) },
    view: stackView('', [sums, acts, ...(concerned.length > 0 ? [damageTable(concerned)] : [])]),
    ...(isWhole
      ? {}
      : {
          failure: failure(target, Math.max(left.length, lostChunks > 0 ? 1 : 0), pointsConcerned(concerned), remedy),
        }),
  };
}
