import { resolve } from 'node:path';
import { HoldfastError } from '@holdfast/api';
import { reviewTrust, type TrustReview } from '../../../config/inspect.ts';
import { trustConfigFile } from '../../../config/trust.ts';
import type { ShellHandler, Site } from '../../contract.ts';
import { isSet, textOrNull } from '../../registry/argument-values.ts';
import { confirmChange } from '../../registry/confirm.ts';
import { detailView, plainData, stateCell, textCell } from '../../view/build.ts';

async function review(site: Site, file: string | null): Promise<TrustReview> {
  const options = await site.configOptions();
  const found = await reviewTrust(file === null ? options : { ...options, configFile: resolve(options.cwd, file) });
  if (found !== null) return found;
  throw new HoldfastError('CONFIG_UNREADABLE', 'no configuration file is found from here upward', {
    remedy: 'name it: `holdfast config trust FILE`',
  });
}

function powers({ runs, commands }: TrustReview): string {
  if (runs) return 'it is a program: all of it runs each time the configuration is read';
  return commands.length === 0 ? 'it runs nothing' : `it runs for secrets: ${commands.join('; ')}`;
}

export const run: ShellHandler = async (site, args) => {
  const found = await review(site, textOrNull(args, 'file'));
  const state = found.trusted
    ? 'trusted already'
    : found.changed
      ? 'has changed since it was trusted'
      : 'not trusted yet';
  const fields = (now: string, isGood: boolean) =>
    detailView(found.file, [
      ['state', 'State', stateCell(now, isGood ? 'good' : 'risk')],
      ['powers', 'What it can do', textCell(powers(found))],
      ['hash', 'SHA-256', textCell(found.sha256)],
    ]);
  if (found.trusted) return { data: plainData(found), view: fields(state, true) };
  if (isSet(args, 'dryRun'))
    return { data: { dryRun: true, ...(plainData(found) as object) }, view: fields(state, false) };
  await confirmChange(site, args, `puts ${found.file} in effect with your rights; ${powers(found)}`);
  await trustConfigFile(found.file, site.folders, () => site.now(), found.sha256);
  await site.reload();
  return { data: { ...(plainData(found) as object), trusted: true }, view: fields('trusted with this content', true) };
};
