import type { Cell, DetailView, Tone } from '@holdfast/api';
import { type Standing, standingOf } from '../../access/approvals.ts';
import type { Approval } from '../../access/contract.ts';
import type { ShellCommand, Site } from '../../contract.ts';
import { byIdentity } from '../../lookup/names.ts';
import { wordsOf } from '../../registry/ask-line.ts';
import { detailView, noCell, stateCell, textCell, timeCell } from '../../view/build.ts';

const standings: Readonly<Record<Standing, readonly [text: string, tone: Tone]>> = {
  waiting: ['waits for a decision', 'active'],
  granted: ['granted', 'good'],
  delayed: ['granted, not yet usable', 'risk'],
  refused: ['refused', 'bad'],
  used: ['used', 'quiet'],
  expired: ['ended unused', 'quiet'],
};

export const standingCell = (approval: Approval, now: number): Cell =>
  stateCell(...standings[standingOf(approval, now)]);

/** The approval that somebody means. @throws `APPROVAL_NOT_FOUND`, `USAGE` when several begin like that. */
export async function findApproval(site: Site, wanted: string): Promise<Approval> {
  const all = await (await site.access()).approvals();
  return byIdentity(wanted, all, ({ id }) => id, 'approval', 'APPROVAL_NOT_FOUND');
}

/** The command line that an approval is for. Of a command that is gone with its plugin only what is known. */
export async function lineOf(site: Site, { command: id, args }: Approval): Promise<string> {
  const command: ShellCommand | undefined = (await site.commands()).find((one) => one.id === id);
  const words = command === undefined ? [...id.split('.'), JSON.stringify(args)] : wordsOf(command, args);
  return words.join(' ');
}

const byCell = (by: { readonly by: string; readonly reason: string } | null): Cell =>
  by === null ? noCell : textCell(by.reason === '' ? by.by : `${by.by}: ${by.reason}`);

export function approvalView(title: string, approval: Approval, line: string, now: number): DetailView {
  const { id, asked, decided, usableFrom, expiresAt, usedAt } = approval;
  return detailView(title, [
    ['id', 'Approval', textCell(id)],
    ['state', 'State', standingCell(approval, now)],
    ['command', 'For', textCell(line)],
    ['asked', 'Asked by', byCell(asked)],
    ['askedAt', 'Asked at', timeCell(asked.at)],
    ['decided', 'Decided by', byCell(decided)],
    ['decidedAt', 'Decided at', timeCell(decided?.at)],
    ['from', 'Usable from', decided?.granted === true ? timeCell(usableFrom) : noCell],
    ['until', 'Ends at', timeCell(expiresAt)],
    ['used', 'Used at', timeCell(usedAt)],
  ]);
}
