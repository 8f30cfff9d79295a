import { safeText } from '../../model/text/safe-text.ts';
import type { OpenedWorkbench } from '../contract.ts';
import type { Recorder } from '../recordings/contract.ts';
import { LiveSession } from '../sessions/live-session.ts';
import type { ChannelTty } from './channel-tty.ts';
import type { ChannelWork } from './work.ts';

/** Main screen, no mouse, no pasting mode, cursor shown, colours as they were. */
const givenBack = '\u001b[?1049l\u001b[?1000l\u001b[?1002l\u001b[?1003l\u001b[?1006l\u001b[?2004l\u001b[?25h\u001b[0m';

/** How a workbench is ended from outside. */
export interface Ending {
  readonly reason: string;
}

/**
 * Opens the workbench on a terminal until its person leaves, the client goes, or it is ended with a reason, which they are told.
 * @param ending Resolves when it is to end.
 */
export async function runWorkbench(
  work: ChannelWork,
  tty: ChannelTty,
  ending: Promise<Ending>,
  end: (reason: string) => void,
): Promise<number> {
  const { actor, gone, parts } = work;
  const { options, sessions } = parts;
  const recorder = await record(work, tty);
  const desk = await options.deskFor(actor, gone);
  let workbench: OpenedWorkbench | null = null;
  let session: LiveSession | null = null;
  try {
    workbench = await options.openWorkbench(tty, desk);
    session = new LiveSession({ actor, tty, workbench, audit: options.audit, now: () => options.now(), end });
    sessions.add(session);
    const over = await Promise.race([workbench.ended.then(() => null), ending, aborted(gone), work.blamed]);
    workbench.close();
    if (over !== null) tty.write(`${givenBack}\r\n${safeText(over.reason, 200)}\r\n`);
    return 0;
  } catch (error) {
    closeQuietly(workbench);
    tty.write(`${givenBack}\r\n✗ a bug: the workbench failed; the log of the server has the details [INTERNAL]\r\n`);
    throw error;
  } finally {
    if (session !== null) sessions.remove(session);
    await recorder?.close();
  }
}

async function record({ parts, actor }: ChannelWork, tty: ChannelTty): Promise<Recorder | null> {
  const { recordings, log } = parts.options;
  if (recordings === undefined || recordings === null) return null;
  try {
    const recorder = await recordings.begin(actor, { columns: tty.columns, rows: tty.rows });
    tty.onWritten((text) => recorder.write(text));
    tty.onResize(() => recorder.resize(tty.columns, tty.rows));
    return recorder;
  } catch (error) {
    log('error', `the session ${actor.session} is not recorded: ${String(error)}`);
    return null;
  }
}

function closeQuietly(workbench: OpenedWorkbench | null): void {
  try {
    workbench?.close();
  } catch {
    // What failed before is what is told.
  }
}

function aborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    signal.addEventListener('abort', () => resolve(null), { once: true });
  });
}
