import type { Call, CommandResult, Plain, View } from '@holdfast/api';
import type { RunRecord } from '../../../catalog/contract.ts';
import type { Engine } from '../../../engine/contract.ts';
import type { ScheduledWorkflow, TickReport } from '../../../engine/schedules/contract.ts';
import { leaseName } from '../../../engine/schedules/leadership.ts';
import type { ShellHandler } from '../../contract.ts';
import { shortId } from '../../lookup/names.ts';
import { runState } from '../../lookup/runs.ts';
import { isSet } from '../../registry/argument-values.ts';
import {
  bytesCell,
  countCell,
  noCell,
  plainData,
  stackView,
  tableView,
  textCell,
  textView,
  timeCell,
} from '../../view/build.ts';

export const run: ShellHandler = async (site, args, call): Promise<CommandResult> => {
  const engine = await site.engine();
  if (isSet(args, 'dryRun')) return dueNow(await engine.schedules.list(), site.now());
  const report = await watched(engine, call);
  if (!report.isLeader) {
    const leader = (await (await site.catalog()).leases.peek(leaseName))?.holder ?? null;
    const who = leader === null ? 'another process' : leader;
    return {
      // For a timer this is no failure, so that it is told and not thrown.
      data: { leads: false, reason: 'another process leads', leader, fired: [], runs: [], collected: [], warnings: [] },
      view: textView('Schedules', `Nothing was done here: ${who} runs the schedules.`),
    };
  }
  return {
    data: {
      leads: true,
      reason: null,
      leader: null,
      fired: report.fired.map(plainData),
      runs: report.runs.map(plainData),
      collected: report.collected.map(plainData),
      warnings: report.warnings as Plain,
    },
    view: viewOf(report),
    partial: report.runs.some(({ state }) => state !== 'done'),
  };
};

/** How often alarms are looked after while runs go on here, in milliseconds. */
const alarmsMs = 60_000;

/**
 * Looks at the schedules; before, meanwhile and after it alarms are raised and cleared and told, for with a timer nobody else does it, and runs may take all
 * night or hang. What fails there fails no run.
 */
async function watched({ schedules, alarms }: Engine, call: Call): Promise<TickReport> {
  const tell = async (): Promise<void> => {
    try {
      await alarms.look(call);
      await alarms.deliver(call);
    } catch (problem) {
      call.log('warn', `looking after alarms failed: ${problem instanceof Error ? problem.message : String(problem)}`);
    }
  };
  await tell();
  const telling = new Set<Promise<void>>();
  const meanwhile = setInterval(() => {
    if (telling.size > 0) return;
    const once = tell().finally(() => telling.delete(once));
    telling.add(once);
  }, alarmsMs);
  try {
    return await schedules.tick(call);
  } finally {
    clearInterval(meanwhile);
    await Promise.all(telling);
    await tell();
  }
}

/** What would begin if this were no dry run. */
function dueNow(workflows: readonly ScheduledWorkflow[], now: number): CommandResult {
  const due = workflows.filter(({ next }) => next !== null && next <= now);
  return {
    data: { dryRun: true, due: due.map(plainData) },
    view: tableView(
      'Would begin',
      [
        { key: 'policy', title: 'policy', priority: 0 },
        { key: 'workflow', title: 'workflow', priority: 0 },
        { key: 'machines', title: 'machines', align: 'right' },
      ],
      due.map(({ policy, workflow, machines }) => ({
        id: `${policy}/${workflow}`,
        cells: { policy: textCell(policy), workflow: textCell(workflow), machines: countCell(machines) },
      })),
      'nothing is due',
    ),
  };
}

function viewOf({ fired, runs, collected, warnings }: TickReport): View {
  const begun = tableView(
    'Begun',
    [
      { key: 'policy', title: 'policy', priority: 0 },
      { key: 'workflow', title: 'workflow', priority: 0 },
      { key: 'due', title: 'was due' },
      { key: 'runs', title: 'runs', align: 'right' },
      { key: 'why', title: 'why' },
    ],
    fired.map((one) => ({
      id: `${one.policy}/${one.workflow} ${one.due}`,
      cells: {
        policy: textCell(one.policy),
        workflow: textCell(one.workflow),
        due: timeCell(one.due),
        runs: countCell(one.runs),
        why: one.isCatchUp ? textCell('caught up') : noCell,
      },
    })),
    'nothing was due',
  );
  const views: View[] = [begun];
  if (runs.length > 0) views.push(runsView(runs));
  if (collected.length > 0) views.push(collectedView(collected));
  if (warnings.length > 0) views.push(textView('Warnings', warnings.map((text) => `- ${text}`).join('\n')));
  return stackView('', views);
}

const runsView = (runs: readonly RunRecord[]): View =>
  tableView(
    'Runs',
    [
      { key: 'run', title: 'run', priority: 0 },
      { key: 'state', title: 'state', priority: 0 },
      { key: 'machine', title: 'machine', priority: 0 },
      { key: 'problem', title: 'problem' },
    ],
    runs.map(({ id, state, machineName, error }) => ({
      id,
      cells: {
        run: textCell(shortId(id)),
        state: runState(state),
        machine: textCell(machineName),
        problem: error === null ? noCell : textCell(error.message),
      },
    })),
    'no runs',
  );

const collectedView = (collected: TickReport['collected']): View =>
  tableView(
    'Room given back',
    [
      { key: 'target', title: 'target', priority: 0 },
      { key: 'packs', title: 'packs', align: 'right' },
      { key: 'bytes', title: 'removed', align: 'right' },
      { key: 'waiting', title: 'waiting', align: 'right' },
      { key: 'problem', title: 'problem' },
    ],
    collected.map(({ target, report, problem }) => ({
      id: target,
      cells: {
        target: textCell(target),
        packs: report === null ? noCell : countCell(report.sweptPacks),
        bytes: report === null ? noCell : bytesCell(report.sweptBytes),
        waiting: report === null ? noCell : bytesCell(report.condemnedBytes),
        problem: problem === null ? noCell : textCell(problem.message),
      },
    })),
    'nothing',
  );
