import type { Call, CommandResult, PointSummary } from '@holdfast/api';
import { findInstance } from '../../../config/instance.ts';
import type { RestoreWish } from '../../../engine/contract.ts';
import type { ShellHandler, Site } from '../../contract.ts';
import { formatBytes } from '../../format/numbers.ts';
import { formatMoment } from '../../format/times.ts';
import { shortId } from '../../lookup/names.ts';
import { openEarly } from '../../lookup/open-early.ts';
import { listPoints, pointAt, pointsOfMachine } from '../../lookup/points.ts';
import { failureOfRun, machineOf, sumsOf, tellBegun } from '../../lookup/runs.ts';
import { type Arguments, isSet, textOf, textOrNull } from '../../registry/argument-values.ts';
import { confirmChange } from '../../registry/confirm.ts';
import { bytesCell, detailView, durationCell, noCell, plainData, textCell, timeCell } from '../../view/build.ts';
import { planView } from '../../view/plan-view.ts';

async function choosePoint(site: Site, args: Arguments, call: Call): Promise<PointSummary> {
  const { points } = await listPoints(site, textOrNull(args, 'from'), call);
  return pointAt(pointsOfMachine(textOf(args, 'name'), points), textOf(args, 'at'), site.now());
}

async function wishOf(site: Site, args: Arguments, point: PointSummary): Promise<RestoreWish> {
  const to = textOrNull(args, 'to') ?? point.endpoint;
  findInstance(await site.config(), 'endpoints', to);
  const { target, point: id, machine, takenAt } = point;
  return {
    point: { target, point: id, machine, takenAt },
    to,
    as: textOf(args, 'as'),
    evenDamaged: isSet(args, 'evenDamaged'),
  };
}

export const run: ShellHandler = async (site, args, call) => {
  const point = await choosePoint(site, args, call);
  const opening = isSet(args, 'yes') && !isSet(args, 'dryRun') ? openEarly(site, point.target, call) : null;
  try {
    return await restore(site, args, point, call);
  } finally {
    await opening;
  }
};

async function restore(site: Site, args: Arguments, point: PointSummary, call: Call): Promise<CommandResult> {
  const wish = await wishOf(site, args, point);
  const engine = await site.engine();
  const plan = await engine.planRestore(wish, call);
  if (isSet(args, 'dryRun')) return { data: { dryRun: true, plan: plainData(plan) }, view: planView(plan) };
  await confirmChange(
    site,
    args,
    `makes the machine ${wish.as} on ${wish.to}, ${formatBytes(point.sizeBytes)} of disks, as ${point.machineName} was at ${formatMoment(point.takenAt)}`,
  );
  const ended = await engine.restore(wish, call, (begun) => tellBegun(site, begun, call));
  const problem = failureOfRun(ended);
  if (problem !== null) throw problem;
  const sums = sumsOf(ended.result);
  const tookMs = (ended.endedAt ?? site.now()) - (ended.startedAt ?? ended.createdAt);
  const machine = machineOf(ended.result);
  return {
    data: { run: plainData(ended), machine, name: wish.as, endpoint: wish.to, point: point.point, durationMs: tookMs },
    view: detailView(`Restored ${point.machineName} as ${wish.as}`, [
      ['endpoint', 'On', textCell(wish.to)],
      ['point', 'From restore point', textCell(`${shortId(point.point)} on ${point.target}`)],
      ['taken', 'As it was', timeCell(point.takenAt)],
      ['size', 'Disks', bytesCell(point.sizeBytes)],
      ['read', 'Data read and checked', bytesCell(sums?.readBytes)],
      ['took', 'Took', durationCell(tookMs)],
      ['bottleneck', 'Bottleneck', sums?.bottleneck == null ? noCell : textCell(sums.bottleneck)],
      ['machine', 'Identity', machine === null ? noCell : textCell(machine)],
      ['run', 'Run', textCell(shortId(ended.id))],
    ]),
    partial: ended.state === 'partial',
  };
}
