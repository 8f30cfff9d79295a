import type { ShellHandler } from '../../contract.ts';
import { chooseTarget } from '../../lookup/targets.ts';
import { isSet, textOrNull } from '../../registry/argument-values.ts';
import { confirmChange } from '../../registry/confirm.ts';
import { countCell, detailView, textCell } from '../../view/build.ts';

export const run: ShellHandler = async (site, args, call) => {
  const target = await chooseTarget(site, textOrNull(args, 'target'), 'TARGET');
  const what = `reads all packs on ${target} and writes the index anew; no restore point is touched`;
  if (isSet(args, 'dryRun')) {
    return { data: { dryRun: true, target }, view: detailView('Plan', [['plan', 'Would', textCell(`This ${what}`)]]) };
  }
  await confirmChange(site, args, what);
  const { runs, repaired } = await (await site.repository(target, call)).rebuildIndex(call);
  return {
    data: { target, runs, repaired },
    view: detailView(`Index of the repository on ${target}`, [
      ['runs', 'Index runs', countCell(runs)],
      ['repaired', 'Were missing or wrong', countCell(repaired)],
    ]),
  };
};
