import type { ShellHandler } from '../../contract.ts';
import { byIdentity, shortId } from '../../lookup/names.ts';
import { chooseTarget } from '../../lookup/targets.ts';
import { isSet, textOf, textOrNull } from '../../registry/argument-values.ts';
import { confirmChange } from '../../registry/confirm.ts';
import { detailView, plainData, textCell } from '../../view/build.ts';

export const run: ShellHandler = async (site, args, call) => {
  const target = await chooseTarget(site, textOrNull(args, 'target'), '--target');
  const repository = await site.repository(target, call);
  const key = byIdentity(textOf(args, 'key'), await repository.keys(call), ({ id }) => id, 'key', 'KEY_NOT_FOUND');
  const what = `takes away the ${key.kind === 'recovery' ? 'recovery words' : 'passphrase'} “${key.label}” (${shortId(key.id)}): the repository on ${target} no longer opens with it`;
  if (isSet(args, 'dryRun')) {
    return {
      data: { dryRun: true, target, key: plainData(key) },
      view: detailView('Plan', [['plan', 'Would', textCell(`This ${what}`)]]),
    };
  }
  await confirmChange(site, args, what);
  await repository.removeKey(key.id, call);
  return {
    data: { target, removed: plainData(key) },
    view: detailView('Key removed', [
      ['id', 'Key', textCell(key.id)],
      ['label', 'Label', textCell(key.label)],
    ]),
  };
};
