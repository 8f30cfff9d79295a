import { trustPlugin, trustQuestion } from '../../../host/authoring/trust-plugin.ts';
import type { ShellHandler } from '../../contract.ts';
import { isSet, textOf } from '../../registry/argument-values.ts';
import { confirmChange } from '../../registry/confirm.ts';
import { detailView, plainData, stateCell, textCell } from '../../view/build.ts';

export const run: ShellHandler = async (site, args, call) => {
  const question = trustQuestion(site.pluginFolders, textOf(args, 'name'));
  const fields = (isTrusted: boolean) =>
    detailView(`${question.name} ${question.version}`, [
      ['state', 'State', isTrusted ? stateCell('trusted with this content', 'good') : stateCell('not trusted', 'risk')],
      ['permissions', 'It may', textCell(question.permissions.join('; '))],
      ['meaning', 'What trust means', textCell(question.meaning)],
      ['hash', 'Content', textCell(question.contentHash)],
    ]);
  if (question.isTrusted) return { data: plainData(question), view: fields(true) };
  if (isSet(args, 'dryRun')) return { data: { dryRun: true, ...(plainData(question) as object) }, view: fields(false) };
  if (!isSet(args, 'yes')) {
    call.log('info', `${question.name} ${question.version} may ${question.permissions.join('; ')}.`);
    call.log('info', question.meaning);
  }
  await confirmChange(site, args, `lets ${question.name} run with your rights`);
  const trusted = trustPlugin(site.pluginFolders, question.name, question.contentHash);
  await site.reload();
  return { data: plainData(trusted), view: fields(true) };
};
