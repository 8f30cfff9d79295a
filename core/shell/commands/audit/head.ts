import type { ShellHandler } from '../../contract.ts';
import { countCell, detailView, noCell, plainData, textCell, timeCell } from '../../view/build.ts';
import { auditLogOf } from './log.ts';

export const run: ShellHandler = async (site) => {
  const head = await (await auditLogOf(site)).head();
  return {
    data: head === null ? { entry: 0, hash: null, at: null } : plainData(head),
    view: detailView('Head of the audit log', [
      ['entry', 'Entry', countCell(head?.entry ?? 0)],
      ['hash', 'Hash', head === null ? noCell : textCell(head.hash)],
      ['at', 'Written', timeCell(head?.at)],
    ]),
  };
};
