import { type Call, type CommandResult, isHoldfastError } from '@holdfast/api';
import type { RunRecord } from '../../../catalog/contract.ts';
import type { Engine, ProtectWish, WorkflowPlan } from '../../../engine/contract.ts';
import type { ShellHandler, Site } from '../../contract.ts';
import { formatBytes } from '../../format/numbers.ts';
import { openEarly } from '../../lookup/open-early.ts';
import { tellBegun } from '../../lookup/runs.ts';
import { chooseTarget } from '../../lookup/targets.ts';
import { type Arguments, isSet, listOf, textOrNull } from '../../registry/argument-values.ts';
import { confirmChange } from '../../registry/confirm.ts';
import { plainData, stackView } from '../../view/build.ts';
import { planView } from '../../view/plan-view.ts';
import { type Outcome, protectedAnswer } from './answer.ts';
import { stepsFrom } from './steps.ts';

/** A plan, or the reason why there can be none. */
type Planned =
  | { readonly wish: ProtectWish; readonly plan: WorkflowPlan }
  | { readonly wish: ProtectWish; readonly problem: Error };

async function planAll(engine: Engine, wishes: readonly ProtectWish[], call: Call): Promise<readonly Planned[]> {
  const planned: Planned[] = [];
  for (const wish of wishes) {
    call.progress({ phase: `planning ${wish.machine}` });
    try {
      planned.push({ wish, plan: await engine.planProtect(wish, call) });
    } catch (problem) {
      if (wishes.length === 1 || !isHoldfastError(problem) || problem.code === 'CANCELLED') throw problem;
      planned.push({ wish, problem });
    }
  }
  return planned;
}

function consequence(plans: readonly WorkflowPlan[], target: string): string {
  const sum = (key: 'readBytes' | 'writeBytes') => formatBytes(plans.reduce((total, plan) => total + plan[key], 0));
  const expiring = plans.reduce((total, plan) => total + plan.expires.length, 0);
  const names = plans.map(({ machineName }) => machineName).join(', ');
  const gone = expiring === 0 ? 'no restore point expires' : `${expiring} older restore points expire`;
  return `protects ${names} on ${target}, reading about ${sum('readBytes')} and writing about ${sum('writeBytes')}; ${gone}`;
}

async function runAll(
  site: Site,
  engine: Engine,
  planned: readonly Planned[],
  call: Call,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const one of planned) {
    if ('problem' in one) {
      outcomes.push({ machine: one.wish.machine, run: null, problem: one.problem });
      continue;
    }
    try {
      const run: RunRecord = await engine.protect(one.wish, call, (begun) => tellBegun(site, begun, call));
      outcomes.push({ machine: run.machineName, run, problem: null });
    } catch (problem) {
      if (!isHoldfastError(problem) || problem.code === 'CANCELLED') throw problem;
      outcomes.push({ machine: one.wish.machine, run: null, problem });
    }
    if (call.signal.aborted) break;
  }
  return outcomes;
}

async function wishesOf(site: Site, args: Arguments, target: string): Promise<readonly ProtectWish[]> {
  const words = {
    steps: listOf(args, 'steps'),
    set: listOf(args, 'set'),
    quiesce: textOrNull(args, 'quiesce'),
    dedupe: textOrNull(args, 'dedupe'),
  };
  const steps = stepsFrom(words, target, await site.host());
  return [...new Set(listOf(args, 'machines'))].map((machine) => ({ machine, steps }));
}

export const run: ShellHandler = async (site, args, call): Promise<CommandResult> => {
  const target = await chooseTarget(site, textOrNull(args, 'to'), '--to');
  // Not before consent: who is asked may say no.
  const opening = isSet(args, 'yes') && !isSet(args, 'dryRun') ? openEarly(site, target, call) : null;
  try {
    return await protect(site, args, target, call);
  } finally {
    await opening;
  }
};

async function protect(site: Site, args: Arguments, target: string, call: Call): Promise<CommandResult> {
  const wishes = await wishesOf(site, args, target);
  const engine = await site.engine();
  const planned = await planAll(engine, wishes, call);
  const plans = planned.flatMap((one) => ('plan' in one ? [one.plan] : []));
  const [failed] = planned.flatMap((one) => ('problem' in one ? [one.problem] : []));
  if (plans.length === 0 && failed !== undefined) throw failed;
  if (isSet(args, 'dryRun')) {
    return {
      data: { dryRun: true, plans: plainData(plans) },
      view: stackView('', plans.map(planView)),
      partial: failed !== undefined,
    };
  }
  await confirmChange(site, args, consequence(plans, target));
  return protectedAnswer(await runAll(site, engine, planned, call), site.now());
}
