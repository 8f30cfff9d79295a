import { type Call, makeCall } from '../../call.ts';
import type { Notice, Notifier } from '../../notifier.ts';
import type { Check } from '../check.ts';
import { demand, demandFailure, demandNoBug } from '../expect.ts';
import { hostileTexts } from '../hostile.ts';

/** What the suite needs: a notifier, and what tells which notices have arrived where it sends them. */
export interface NotifierSuite {
  readonly notifier: Notifier;
  /** Everything that has arrived so far, as texts that hold the notices' ids and titles in some form; absent: nobody can tell. */
  readonly received?: () => Promise<readonly string[]>;
  /** Opens one whose receiver is not there; absent: there is always one. */
  readonly lost?: () => Promise<Notifier>;
}

const call: Call = makeCall({ who: 'conformance' });
const longest = 65_536;

/** A notice of the suite. Its id is the same from run to run, as its results are compared. */
const notice = (id: string, changes: Partial<Notice> = {}): Notice => ({
  id: `conformance-${id}`,
  at: 1_800_000_000_000,
  kind: 'test',
  severity: 'info',
  title: 'conformance: a notice that means nothing',
  text: 'The conformance kit of Holdfast sends this.\nNothing has happened.',
  remedy: 'holdfast alarm list',
  from: 'conformance',
  facts: { machine: 'web-07', count: 3, isTest: true, nothing: null },
  ...changes,
});

/** As core hands texts on: without control characters, at most so long. */
const asTitle = (text: string): string => text.replaceAll(/\p{C}/gu, '\ufffd').slice(0, 200) || 'untitled';

/** Everything that core relies on in a notifier, in order. */
export function notifierChecks({ notifier, received, lost }: NotifierSuite): readonly Check[] {
  const arrived = async (id: string): Promise<number | null> =>
    received === undefined ? null : (await received()).filter((text) => text.includes(`conformance-${id}`)).length;

  return [
    {
      name: 'a check says how things are and sends nothing',
      async run() {
        const before = (await received?.())?.length;
        const items = await notifier.check(call);
        demand(items.length > 0, 'the check has nothing to say');
        for (const { title, state, detail, remedy } of items) {
          demand(title !== '' && detail !== '', 'an item of the check has no words');
          demand(['ok', 'warning', 'failed'].includes(state), `an item of the check is ${state}`);
          demand(state === 'ok' || remedy !== undefined, `${title} is ${state}, and nothing says what to do`);
        }
        demand((await received?.())?.length === before, 'the check sent something');
        return items.map(({ title, state }) => ({ title, state }));
      },
    },
    {
      name: 'a notice that was sent has arrived',
      async run() {
        await notifier.send(notice('one'), call);
        const count = await arrived('one');
        demand(count === null || count === 1, `it arrived ${count} times`);
        return count;
      },
    },
    {
      name: 'a notice that is sent again is no error',
      async run() {
        await notifier.send(notice('again'), call);
        await notifier.send(notice('again'), call);
        return null;
      },
    },
    {
      name: 'several at once all arrive',
      async run() {
        const names = Array.from({ length: 8 }, (_, index) => `crowd-${index}-`);
        await Promise.all(names.map((name) => notifier.send(notice(name), call)));
        const counts = await Promise.all(names.map(arrived));
        demand(
          counts.every((count) => count === null || count >= 1),
          'one of them is missing',
        );
        return names.length;
      },
    },
    {
      name: 'titles and texts of any letters do no harm',
      async run() {
        const seen: string[] = [];
        for (const [index, text] of hostileTexts.entries()) {
          const title = asTitle(text);
          const body = text.replaceAll(/[^\P{C}\n]/gu, '\ufffd');
          const odd = notice(`odd-${index}-`, { title, text: body, facts: { [title]: title }, remedy: title });
          const ended = await demandNoBug(() => notifier.send(odd, call), `the title ${JSON.stringify(title)}`);
          const isFair = ['ok', 'NOTIFY_FAILED', 'NOTIFY_REFUSED'].includes(ended);
          demand(isFair, `the title ${JSON.stringify(title)} failed with ${ended}`);
          if (ended === 'ok') demand((await arrived(`odd-${index}-`)) !== 0, `${JSON.stringify(title)} did not arrive`);
          seen.push(ended);
        }
        return seen;
      },
    },
    {
      name: 'the longest notice arrives',
      async run() {
        const text = `${'x'.repeat(99)}\n`.repeat(700).slice(0, longest);
        await notifier.send(notice('long', { title: 'y'.repeat(200), text }), call);
        return await arrived('long');
      },
    },
    {
      name: 'what is cancelled beforehand is not sent, and says so',
      async run() {
        const stopped = makeCall({ who: 'conformance', signal: AbortSignal.abort() });
        const code = await demandFailure(
          () => notifier.send(notice('cancelled'), stopped),
          ['CANCELLED'],
          'a send that was cancelled',
        );
        const count = await arrived('cancelled');
        demand(count === null || count === 0, 'it was sent all the same');
        return code;
      },
    },
    ...(lost === undefined ? [] : [lostCheck(lost)]),
  ];
}

/** That a receiver which is not there is no reason to forget the notice. */
const lostCheck = (lost: () => Promise<Notifier>): Check => ({
  name: 'where nobody listens, sending fails so that it is tried again, and the check says so',
  async run() {
    const dead = await lost();
    try {
      const code = await demandFailure(() => dead.send(notice('lost'), call), ['NOTIFY_FAILED'], 'a send to nobody');
      const items = await dead.check(call);
      demand(
        items.some(({ state }) => state === 'failed'),
        'the check finds nothing wrong',
      );
      return code;
    } finally {
      await dead.close(call);
    }
  },
});
