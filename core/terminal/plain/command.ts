import { isHoldfastError, type Plain, type Progress } from '@holdfast/api';
import type { ShellCommand } from '../../shell/contract.ts';
import { withoutSecrets } from '../workbench/flows/form/arguments.ts';
import { troubleOf } from '../workbench/flows/trouble.ts';
import { fillIn } from './form.ts';
import { progressWords } from './progress-words.ts';
import { Leaving, type Session } from './session.ts';

type Given = Readonly<Record<string, Plain>>;

/** Progress is told so often at most: each line is read aloud. */
const tellMs = 5_000;

/** Runs a command while its log and progress are told now and then; `cancel` stops it safely. Answers whether it did its work. */
async function work(session: Session, command: ShellCommand, args: Given): Promise<boolean> {
  const { desk, speaker, reader } = session;
  const stop = new AbortController();
  const unwatch = reader.watch((line) => {
    if (line.trim() !== 'cancel') return false;
    void speaker.say('Stopping safely.');
    stop.abort();
    return true;
  });
  let toldAt = desk.now();
  if (command.long === true) await speaker.say('At work. Type cancel to stop it safely.');
  try {
    const result = await desk.run(command.id, args, {
      signal: AbortSignal.any([session.signal, stop.signal]),
      ask: session.asker,
      log: (level, text) => {
        if (level !== 'debug') void speaker.say(level === 'info' ? text : `${level}: ${text}`);
      },
      progress: (progress: Progress) => {
        if (desk.now() - toldAt < tellMs) return;
        toldAt = desk.now();
        void speaker.say(progressWords(progress));
      },
    });
    await speaker.answer(result);
    return true;
  } catch (thrown) {
    if (thrown instanceof Leaving) throw thrown;
    await speaker.trouble(troubleOf(thrown));
    return false;
  } finally {
    unwatch();
  }
}

/** Tells what would be done. Answers whether it can be agreed to: `null` when it cannot be done like this at all. */
async function foresee(session: Session, command: ShellCommand, args: Given): Promise<boolean | null> {
  const { desk, speaker, signal } = session;
  try {
    const result = await desk.run(command.id, { ...args, dryRun: true }, { signal, ask: null });
    await speaker.say('What it would do:');
    await speaker.answer(result);
    return true;
  } catch (thrown) {
    // What is missing is asked for by the command itself.
    if (isHoldfastError(thrown, 'ANSWER_MISSING')) return false;
    await speaker.trouble(troubleOf(thrown));
    return null;
  }
}

/** Asks for what a command takes, tells what it would do, and does it when that is agreed to. */
export async function runCommand(session: Session, command: ShellCommand, given: Given = {}): Promise<void> {
  const { desk, speaker } = session;
  await speaker.say(`${command.title}.`);
  let args = await fillIn(session, command, given);
  for (;;) {
    await speaker.say(
      `The command line that does the same: ${desk.commandLine(command.id, withoutSecrets(command, args))}`,
    );
    if (command.danger === 'read') break;
    const foreseen = await foresee(session, command, args);
    if (foreseen === false) break;
    if (foreseen === true) {
      const isDestroying = command.danger === 'destroy';
      const question = isDestroying ? 'This destroys what is named above. Do it?' : 'Do it?';
      if (!(await session.isAgreed(question))) return speaker.say('Nothing was done.');
      args = { ...args, yes: true };
      break;
    }
    if (!(await session.isAgreed('Change the answers?'))) return speaker.say('Nothing was done.');
    args = await fillIn(session, command, args, true);
  }
  await work(session, command, args);
}
