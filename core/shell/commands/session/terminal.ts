import type { ShellHandler } from '../../contract.ts';
import { textOf } from '../../registry/argument-values.ts';
import { detailView, textCell } from '../../view/build.ts';

/** Changes nothing by itself: role and audit log are what it is for. */
export const run: ShellHandler = async (_site, args) => {
  const host = textOf(args, 'host');
  return { data: { host }, view: detailView('Terminal', [['host', 'Host', textCell(host)]]) };
};
