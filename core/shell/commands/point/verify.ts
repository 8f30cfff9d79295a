import type { ShellHandler } from '../../contract.ts';
import { checkAnswer } from '../../lookup/check-answer.ts';
import { pointKey, rememberChecks } from '../../lookup/past-checks.ts';
import { findPoint } from '../../lookup/points.ts';
import { textOf, textOrNull } from '../../registry/argument-values.ts';

export const run: ShellHandler = async (site, args, call) => {
  const point = await findPoint(site, textOf(args, 'point'), textOrNull(args, 'target'), call);
  const repository = await site.repository(point.target, call);
  call.progress({ phase: `reading back ${point.machineName}`, totalBytes: point.sizeBytes });
  const report = await repository.verify(point.point, call);
  const state = report.damage.length === 0 ? 'whole' : 'damaged';
  await rememberChecks(site, { points: { [pointKey(point.target, point.point)]: { at: site.now(), state } } });
  return checkAnswer(`Restore point ${point.point} of ${point.machineName}`, report, point.target);
};
