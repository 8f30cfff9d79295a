import type { Bench } from '../contract.ts';
import type { RunLine } from '../parts/runs-list.ts';
import type { Room } from './room.ts';

const told =
  'It stops at the next safe place. What is not committed is given up, and what it made in the world is taken back.';

/** Asks whether to stop what runs, and stops it safely. */
export async function cancelLine(room: Room, bench: Bench, line: RunLine): Promise<void> {
  if (line.kind === 'run') {
    const { id, kind, machine, who } = line.run;
    if (!room.index.may('run.cancel')) bench.toast('your roles do not let you stop runs', 'risk');
    else if (await bench.confirm(`Cancel ${kind} of ${machine}, started by ${who}?`, told, 'Cancel it safely')) {
      await bench.run('run.cancel', { run: id, yes: true });
    }
    return;
  }
  const { task } = line;
  if (task.state !== 'running') bench.toast(`${task.title}: it has ended`, 'quiet');
  else if (await bench.confirm(`Cancel ${task.title}?`, `${task.line}\n\n${told}`, 'Cancel it safely'))
    room.tasks.stop(task);
}

/** Shows what stands behind a line: the run, the answer, or what it said. */
export function openLine(room: Room, bench: Bench & { openAnswer(line: RunLine): boolean }, line: RunLine): void {
  const run = line.kind === 'run' ? line.run.id : line.task.run;
  if (run !== null) bench.openCommand('run.show', { run });
  else if (!bench.openAnswer(line)) room.showPanel('log');
}
