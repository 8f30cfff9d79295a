import type { Readable, Writable } from 'node:stream';
import type { Desk } from '../../shell/desk/contract.ts';
import { troubleOf } from '../workbench/flows/trouble.ts';
import { LineReader } from './line-reader.ts';
import { mainMenu } from './main-menu.ts';
import { Leaving, Session, untilBack } from './session.ts';
import { Speaker } from './speaker.ts';

/** What the plain mode works with. Streams stay open: who opened them closes them. */
export interface PlainParts {
  readonly input: Readable;
  readonly output: Writable;
  readonly desk: Desk;
  readonly signal: AbortSignal;
}

/**
 * The workbench for those who listen to it, and for terminals that can do nothing: views are read out, menus are numbered, forms are asked line
 * by line. Only text goes out, so it works on a pipe and over ssh without a terminal. Answers the exit code: 0 when it was left, 1 for a bug.
 */
export async function openPlain({ input, output, desk, signal }: PlainParts): Promise<number> {
  using reader = new LineReader(input, signal);
  const speaker = new Speaker(output, () => desk.now());
  const session = new Session(desk, speaker, reader, signal);
  const { name, roles } = desk.actor;
  await speaker.say(
    `Holdfast ${desk.version}, ${desk.site}, in plain mode. You are ${name}: ${roles.join(', ')}.`,
    'Answer with a line each. A question mark explains, back goes back, quit leaves.',
  );
  try {
    for (;;) await untilBack(() => mainMenu(session));
  } catch (thrown) {
    if (thrown instanceof Leaving) {
      await speaker.say('Goodbye.');
      return 0;
    }
    await speaker.trouble(troubleOf(thrown));
    return 1;
  }
}
