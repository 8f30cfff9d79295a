import { HoldfastError } from '@holdfast/api';
import { askDialog, type QuestionParts } from '../parts/questions.ts';
import type { Room } from './room.ts';

/** A host as ssh takes it; never anything that could be an option of it. */
const hostPattern = /^(?:[\w.-]{1,64}@)?[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}|[0-9a-fA-F:]{1,45})$/;

/** Opens an SSH session to a host in the panel: for administrators, and never a shell of this program's own user. */
export async function openHostTerminal(room: Room, questions: QuestionParts): Promise<void> {
  if (!room.desk.actor.roles.includes('administrator')) {
    throw new HoldfastError('ACCESS_DENIED', 'terminals are for administrators');
  }
  const answer = await askDialog(questions, {
    title: 'Open a terminal to a host',
    consequence: 'An SSH session in the panel, as the host lets you in. F6 leads out of it.',
    field: {
      label: 'host, or user@host',
      check: (text) => (hostPattern.test(text) ? null : 'a name or an address, with user@ before it where needed'),
    },
    buttons: [
      { id: 'open', title: 'Open', kind: 'act' },
      { id: 'no', title: 'Cancel', kind: 'safe' },
    ],
  });
  const host = answer?.text ?? '';
  if (answer?.button !== 'open' || !hostPattern.test(host)) return;
  room.showPanel('terminal');
}
