import type { ShellHandler } from '../../contract.ts';
import { chooseTarget } from '../../lookup/targets.ts';
import { isSet, textOf, textOrNull } from '../../registry/argument-values.ts';
import { confirmChange } from '../../registry/confirm.ts';
import { detailView, plainData, textCell } from '../../view/build.ts';

export const run: ShellHandler = async (site, args, call) => {
  const target = await chooseTarget(site, textOrNull(args, 'target'), 'TARGET');
  const reference = textOf(args, 'passphrase');
  const what = `lets the passphrase at ${reference} open the repository on ${target}`;
  const passphrase = await (await site.secrets()).resolve(reference, call.signal);
  if (isSet(args, 'dryRun')) {
    return { data: { dryRun: true, target }, view: detailView('Plan', [['plan', 'Would', textCell(`This ${what}`)]]) };
  }
  await confirmChange(site, args, what);
  const key = await (await site.repository(target, call)).addPassphrase({ passphrase }, textOf(args, 'label'), call);
  return {
    data: { target, key: plainData(key) },
    view: detailView('Key added', [
      ['id', 'Key', textCell(key.id)],
      ['label', 'Label', textCell(key.label)],
    ]),
  };
};
