import { askDialog, type QuestionParts } from '../parts/questions.ts';
import type { Room } from './room.ts';

/** How long work that was asked to stop may take to reach a safe state, in milliseconds. */
export const patience = 30_000;

/** Whether what this person started ends with this program: at the local terminal it does, at a server it goes on. */
export const endsWithMe = (room: Room): boolean => room.desk.actor.from === 'local';

/** Asks whether to leave while something of this person's runs; answers at once when nothing does. */
export async function mayLeave(room: Room, parts: QuestionParts): Promise<boolean> {
  const { running } = room.tasks;
  if (running.length === 0) return true;
  const names = running.map(({ line }) => `  ${line}`).join('\n');
  const ends = endsWithMe(room);
  const what = ends
    ? 'Leaving stops it safely: what is not committed is given up, and what it made in the world is taken back.'
    : 'It goes on without you; you find it under Runs when you are back.';
  const answer = await askDialog(parts, {
    title:
      running.length === 1
        ? 'Something that you started still runs'
        : `${running.length} things that you started still run`,
    consequence: `${names}\n\n${what}`,
    buttons: [
      { id: 'stay', title: 'Stay', kind: 'safe' },
      { id: 'leave', title: ends ? 'Stop it and leave' : 'Leave', kind: 'act' },
    ],
  });
  return answer?.button === 'leave';
}
