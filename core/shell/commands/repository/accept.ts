import type { ShellHandler } from '../../contract.ts';
import { chooseTarget } from '../../lookup/targets.ts';
import { isSet, textOrNull } from '../../registry/argument-values.ts';
import { confirmChange } from '../../registry/confirm.ts';
import { detailView, textCell } from '../../view/build.ts';

export const run: ShellHandler = async (site, args, call) => {
  const target = await chooseTarget(site, textOrNull(args, 'target'), 'TARGET');
  const what = `takes the repository on ${target} as it is; newer restore points that it once held are noted as missing`;
  if (isSet(args, 'dryRun')) {
    return { data: { dryRun: true, target }, view: detailView('Plan', [['plan', 'Would', textCell(`This ${what}`)]]) };
  }
  await confirmChange(site, args, what);
  const missing = await (await site.engine()).acceptRollback(target, call);
  const names = missing.map(({ point, machineName }) => `${machineName} ${point}`);
  return {
    data: { target, missing: missing.map(({ point }) => point) },
    view: detailView(`Repository on ${target}`, [
      ['state', 'Accepted as it is; noted as missing', textCell(names.length === 0 ? 'nothing' : names.join(', '))],
    ]),
  };
};
