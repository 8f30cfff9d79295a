import { HoldfastError } from '@holdfast/api';
import { nearest } from '../../../config/nearest.ts';
import type { ShellHandler } from '../../contract.ts';
import { textOf } from '../../registry/argument-values.ts';
import { executeCommand } from '../../registry/execute.ts';
import { shownReports } from '../../views/collect.ts';

/** Runs the report's command, with the rights of whoever asks. */
export const run: ShellHandler = async (site, args, call) => {
  const wanted = textOf(args, 'report');
  const reports = await shownReports(site);
  const found = reports.find(({ report }) => report.id === wanted)?.report;
  const command = (await site.commands()).find(({ id }) => id === found?.command);
  if (found === undefined || command === undefined) {
    const meant = nearest(
      wanted,
      reports.map(({ report }) => report.id),
    );
    const list = '`holdfast report list` shows what there is';
    throw new HoldfastError('USAGE', `there is no report ${wanted}`, {
      remedy: meant === undefined ? list : `did you mean ${meant}? ${list}`,
    });
  }
  const result = await executeCommand(site, command, found.args ?? {}, call);
  return { ...result, view: { ...result.view, title: found.title } };
};
