import { type Call, makeCall } from '@holdfast/api';
import type { Actor } from '../access/contract.ts';
import type { OwnedSite } from '../contract.ts';
import type { Installation } from '../site/installation.ts';

/** How often what dead processes left is looked for, in milliseconds. */
const cleanMs = 60_000;
/** How often promises are compared with what is, in milliseconds. */
const alarmsMs = 30_000;
/** How long after a failure the schedules are begun anew, in milliseconds. */
const againMs = 10_000;

/** How long schedules have to be run without a failure before that is said, in milliseconds. */
const settledMs = 60_000;
/** How often the same complaint is made again, in milliseconds: a log that is full of one thing hides all others. */
const complainMs = 3_600_000;

/** Whoever does what nobody asked for in person. */
export const nobody: Actor = { name: 'server', roles: ['administrator'], from: 'local', session: 'duties' };

/**
 * What a process that stays does by itself: cleans up after processes that died, runs policies at their times, and tells administrators. Each
 * piece of work has the configuration of its time; runs that were begun go on with theirs.
 * @returns When all of it has ended, after the signal has aborted. Never throws: what fails is logged and done again.
 */
export async function doDuties(installation: Installation, signal: AbortSignal): Promise<void> {
  await Promise.all([
    every(installation, cleanMs, signal, 'cleaning up', async (site, call) => {
      for (const line of await (await site.engine()).clean(call)) installation.around.log('info', line);
    }),
    every(installation, alarmsMs, signal, 'looking after alarms', async (site, call) => {
      const { alarms } = await site.engine();
      await alarms.look(call);
      await alarms.deliver(call);
    }),
    runPolicies(installation, signal),
  ]);
}

/** Does something now and then again and again. */
async function every(
  installation: Installation,
  ms: number,
  signal: AbortSignal,
  what: string,
  work: (site: OwnedSite, call: Call) => Promise<void>,
): Promise<void> {
  const complaints = new Complaints(installation, what, signal);
  while (!signal.aborted) {
    try {
      await using site = installation.use({ actor: nobody, ask: null, out: null });
      await work(site, callOf(installation, signal));
      complaints.wentWell();
    } catch (problem) {
      complaints.failed(problem);
    }
    await pause(ms, signal);
  }
}

/** Runs policies: with each change of the configuration another scheduler takes over, and the one before ends with the runs that it began. */
async function runPolicies(installation: Installation, signal: AbortSignal): Promise<void> {
  const going = new Set<Promise<void>>();
  const complaints = new Complaints(installation, 'running policies', signal);
  while (!signal.aborted) {
    const retire = new AbortController();
    const forget = installation.onChange((change) => {
      if (change === 'configuration' || change === 'plugins') retire.abort();
    });
    const work = serveOnce(installation, complaints, signal, retire.signal).finally(() => going.delete(work));
    going.add(work);
    await Promise.race([work, aborted(AbortSignal.any([retire.signal, signal]))]);
    forget();
    if (!retire.signal.aborted) await pause(againMs, signal);
  }
  await Promise.all(going);
}

async function serveOnce(
  installation: Installation,
  complaints: Complaints,
  signal: AbortSignal,
  retire: AbortSignal,
): Promise<void> {
  try {
    await using site = installation.use({ actor: nobody, ask: null, out: null });
    const { schedules } = (await site.config()).config;
    if (schedules?.serve === false) {
      await aborted(AbortSignal.any([signal, retire]));
      return;
    }
    const { schedules: leading } = await site.engine();
    // What goes wrong at once each time must not seem to be mended in between.
    const settled = setTimeout(() => complaints.wentWell(), settledMs);
    try {
      await leading.serve(callOf(installation, signal), retire);
    } finally {
      clearTimeout(settled);
    }
  } catch (problem) {
    complaints.failed(problem);
  }
}

const callOf = (installation: Installation, signal: AbortSignal): Call =>
  makeCall({ signal, who: nobody.name, log: (level, text) => installation.around.log(level, text) });

/** Says what fails when it begins to, when it fails otherwise, once an hour, and when it works again. */
class Complaints {
  readonly #installation: Installation;
  readonly #what: string;
  readonly #signal: AbortSignal;
  #last: { readonly text: string; readonly at: number } | null = null;
  #more = 0;

  constructor(installation: Installation, what: string, signal: AbortSignal) {
    this.#installation = installation;
    this.#what = what;
    this.#signal = signal;
  }

  failed(problem: unknown): void {
    if (this.#signal.aborted) return;
    const { log, now } = this.#installation.around;
    const text = problem instanceof Error ? problem.message : String(problem);
    const at = now();
    if (this.#last?.text === text && Math.abs(at - this.#last.at) < complainMs) {
      this.#more += 1;
      return;
    }
    const again =
      this.#last?.text === text && this.#more > 0 ? ` (and ${this.#more} times more since it was last said)` : '';
    log('warn', `${this.#what} failed: ${text}${again}`);
    this.#last = { text, at };
    this.#more = 0;
  }

  wentWell(): void {
    if (this.#last === null) return;
    this.#installation.around.log('info', `${this.#what} works again`);
    this.#last = null;
    this.#more = 0;
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** Waits, and lets the process end meanwhile. */
const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
