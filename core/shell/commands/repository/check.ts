import type { ShellHandler } from '../../contract.ts';
import { checkAnswer } from '../../lookup/check-answer.ts';
import { gonePoints, withMore } from '../../lookup/gone-points.ts';
import { rememberReport } from '../../lookup/past-checks.ts';
import { chooseTarget } from '../../lookup/targets.ts';
import { isSet, textOrNull } from '../../registry/argument-values.ts';

export const run: ShellHandler = async (site, args, call) => {
  const target = await chooseTarget(site, textOrNull(args, 'target'), 'TARGET');
  const repository = await site.repository(target, call);
  repository.warm();
  // Asked at the end, and so opened beside what is read.
  const catalog = site.catalog().catch(() => null);
  const checked = await repository.check(isSet(args, 'full') ? 'full' : 'fast', call);
  const report = { ...checked, damage: withMore(checked.damage, await gonePoints(site, repository, target, call)) };
  await rememberReport(site, target, report);
  await catalog;
  return checkAnswer(`Repository on ${target}`, report, target);
};
