import { access, constants, stat } from 'node:fs/promises';
import { type CheckItem, cancelled, HoldfastError, type Notice, type Notifier, type OpenNotifier } from '@holdfast/api';
import { type Ended, runProgram } from './run-program.ts';

/** Exit codes of sysexits(3) with which a program says that trying again cannot help: usage, data, configuration. */
const refusals: ReadonlySet<number> = new Set([64, 65, 78]);

/** Longest identity in the environment, in UTF-16 units. */
const mostId = 1024;

/** What the program gets: nothing of our own environment, where secrets may stand. */
const environment = (notice: Notice): Readonly<Record<string, string>> => ({
  PATH: '/usr/local/bin:/usr/bin:/bin',
  LANG: 'C.UTF-8',
  // The kernel takes no NUL and no more than 128 KiB; the whole of it is on standard input.
  HOLDFAST_NOTICE_ID: notice.id.replaceAll(/\p{Cc}/gu, '_').slice(0, mostId),
  HOLDFAST_NOTICE_KIND: notice.kind,
  HOLDFAST_NOTICE_SEVERITY: notice.severity,
});

/** Opens a program as a notifier. @see docs/formats/notices.md, Command */
export const openCommand: OpenNotifier = async ({ name, settings }): Promise<Notifier> => {
  const program = String(settings.program);
  const args = (settings.arguments as readonly string[] | undefined) ?? [];
  const limitMs = Number(settings.timeoutSeconds ?? 30) * 1000;
  return {
    async send(notice, call) {
      if (call.signal.aborted) throw cancelled(`telling ${name}`);
      const input = `${JSON.stringify({ format: 1, ...notice })}\n`;
      const ended = await runProgram({ program, args, input, env: environment(notice), limitMs }, call.signal);
      if (call.signal.aborted) throw cancelled(`telling ${name}`);
      judge(program, ended);
    },
    check: async () => [await programItem(program)],
    async close() {},
  };
};

/** @throws `NOTIFY_FAILED`, `NOTIFY_REFUSED` */
function judge(program: string, ended: Ended): void {
  if (ended.how === 'code' && ended.code === 0) return;
  const said = ended.said === '' ? '' : `: ${ended.said}`;
  const facts = { program };
  if (ended.how === 'code')
    throw new HoldfastError(
      refusals.has(ended.code) ? 'NOTIFY_REFUSED' : 'NOTIFY_FAILED',
      `${program} ended with exit code ${ended.code}${said}`,
      { facts: { ...facts, exit: ended.code } },
    );
  const what = {
    late: 'did not end in time and was killed',
    signal: `was killed by ${ended.how === 'signal' ? ended.signal : ''}`,
    unstarted: `cannot be started: ${ended.how === 'unstarted' ? ended.why : ''}`,
  }[ended.how];
  throw new HoldfastError('NOTIFY_FAILED', `${program} ${what}${said}`, { facts });
}

async function programItem(program: string): Promise<CheckItem> {
  const title = 'program';
  try {
    if (!(await stat(program)).isFile()) throw new Error('it is no file');
    await access(program, constants.X_OK);
    return { title, state: 'ok', detail: `${program} can be run` };
  } catch (thrown) {
    const why = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'it is no file';
    const remedy = 'name a program that is there and that you may run';
    return { title, state: 'failed', detail: `${program} cannot be run: ${why}`, remedy };
  }
}
