import { HoldfastError } from '@holdfast/api';
import type { ShellHandler } from '../../contract.ts';
import { numberOrNull } from '../../registry/argument-values.ts';
import { detailView, plainData, textCell, timeCell } from '../../view/build.ts';
import { auditLogOf } from './log.ts';
import { factText, whatCell } from './shown.ts';

export const run: ShellHandler = async (site, args) => {
  const number = numberOrNull(args, 'entry') ?? 0;
  const [entry] = await (await auditLogOf(site)).entries({ limit: 1, before: number + 1 });
  if (entry?.number !== number) {
    throw new HoldfastError('USAGE', `the audit log has no whole entry ${number}`, {
      remedy: '`holdfast audit list` shows what there is, `holdfast audit verify` whether anything is missing',
      facts: { entry: number },
    });
  }
  return {
    data: plainData(entry),
    view: detailView(`Entry ${number}`, [
      ['at', 'When', timeCell(entry.at)],
      ['who', 'Who', textCell(entry.who)],
      ['from', 'From', textCell(`${entry.from} (${entry.session})`)],
      ['what', 'What', whatCell(entry)],
      ...Object.entries(entry.facts).map(([key, value]) => [`facts.${key}`, key, textCell(factText(value))] as const),
      ['before', 'Before', textCell(entry.before)],
      ['hash', 'Hash', textCell(entry.hash)],
    ]),
  };
};
