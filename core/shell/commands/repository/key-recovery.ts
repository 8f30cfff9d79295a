import type { ShellHandler } from '../../contract.ts';
import { chooseTarget } from '../../lookup/targets.ts';
import { isSet, textOf, textOrNull } from '../../registry/argument-values.ts';
import { confirmChange } from '../../registry/confirm.ts';
import { reserveWords } from '../../setup/recovery-words.ts';
import { detailView, plainData, textCell } from '../../view/build.ts';

export const run: ShellHandler = async (site, args, call) => {
  const target = await chooseTarget(site, textOrNull(args, 'target'), 'TARGET');
  const what = `makes new recovery words for the repository on ${target}; older ones stay valid until their key is removed`;
  if (isSet(args, 'dryRun')) {
    return { data: { dryRun: true, target }, view: detailView('Plan', [['plan', 'Would', textCell(`This ${what}`)]]) };
  }
  await confirmChange(site, args, what);
  const repository = await site.repository(target, call);
  const keeper = await reserveWords(site, textOrNull(args, 'recoveryFile'));
  const made = await repository.addRecovery(textOf(args, 'label'), call).catch(async (problem) => {
    await keeper.abandon();
    throw problem;
  });
  await keeper.keep(made.words, `the repository on ${target} (${repository.id})`, call);
  return {
    data: { target, key: plainData(made.key), recoveryFile: keeper.file },
    view: detailView('Recovery words made', [
      ['key', 'Key', textCell(made.key.id)],
      [
        'words',
        'Words',
        textCell(
          keeper.file === null ? 'shown and typed back' : `in ${keeper.file}: print it, put it away, remove the file`,
        ),
      ],
    ]),
  };
};
