import { makeCall } from '../../call.ts';
import { isHoldfastError } from '../../errors.ts';
import { sameBytes, sampleBytes } from '../bytes.ts';
import type { Check } from '../check.ts';
import { demand, demandFailure, drain } from '../expect.ts';
import type { ProbeStore } from './probe-store.ts';

const racers = 16;

/** Many at once, and callers that change their mind. */
export function togetherChecks(probe: ProbeStore): readonly Check[] {
  return [
    {
      name: 'a name that is taken is not put again when the caller says so',
      async run() {
        const first = sampleBytes(1000, 1);
        await probe.put('taken', first, { ifAbsent: true });
        const again = () => probe.put('taken', sampleBytes(1000, 2), { ifAbsent: true });
        const code = await demandFailure(again, ['OBJECT_EXISTS'], 'a second put of the same name');
        demand(sameBytes(await probe.get('taken'), first), 'the refused put changed the object');
        return code;
      },
    },
    {
      name: `of ${racers} writers that race for one name exactly one wins, and the object is its own`,
      async run() {
        for (let round = 0; round < 5; round++) {
          const bodies = Array.from({ length: racers }, (_, i) => sampleBytes(50_000, round * racers + i));
          const outcomes = await Promise.allSettled(
            bodies.map((body) => probe.put(`race-${round}`, body, { ifAbsent: true })),
          );
          const winners = outcomes.flatMap((outcome, i) => (outcome.status === 'fulfilled' ? [i] : []));
          for (const outcome of outcomes) {
            if (outcome.status === 'fulfilled') continue;
            const isExpected = isHoldfastError(outcome.reason, 'OBJECT_EXISTS');
            demand(isExpected, `a loser failed with ${String(outcome.reason)}, not with OBJECT_EXISTS`);
          }
          demand(winners.length === 1, `${winners.length} of ${racers} writers won`);
          const winner = bodies[winners[0] ?? 0] ?? new Uint8Array();
          demand(sameBytes(await probe.get(`race-${round}`), winner), 'the object is not the winner’s');
        }
        return racers;
      },
    },
    {
      name: 'a call that was cancelled before it began does nothing',
      async run() {
        const call = makeCall({ signal: AbortSignal.abort(), who: 'conformance' });
        const body = sampleBytes(100, 1);
        const { store } = probe;
        const codes = [
          await demandFailure(() => probe.put('cancelled', body, { ifAbsent: true }, call), ['CANCELLED'], 'a put'),
          await demandFailure(() => drain(store.get(probe.name('taken'), null, call)), ['CANCELLED'], 'a get'),
          await demandFailure(() => drain(store.list(probe.name('race-'), call)), ['CANCELLED'], 'a list'),
          await demandFailure(() => probe.remove('taken', call), ['CANCELLED'], 'a remove'),
        ];
        demand(!(await probe.list('cancelled')).includes('cancelled'), 'a put that was cancelled left an object');
        demand((await probe.list('taken')).includes('taken'), 'a remove that was cancelled removed the object');
        return codes;
      },
    },
    {
      name: 'a put that is cancelled in the middle leaves the whole object or nothing',
      async run() {
        for (let round = 0; round < 6; round++) {
          const controller = new AbortController();
          const body = sampleBytes(4_000_000, round);
          const name = `half-${round}`;
          const put = probe.put(name, body, { ifAbsent: true }, makeCall({ signal: controller.signal }));
          const outcome = put.then(
            () => null,
            (reason: unknown) => ({ reason }),
          );
          setTimeout(() => controller.abort(), round * 2);
          const failed = await outcome;
          demand(
            failed === null || isHoldfastError(failed.reason, 'CANCELLED'),
            `a cancelled put failed with ${String(failed?.reason)}`,
          );
          const isThere = (await probe.list(name)).includes(name);
          demand(failed !== null || isThere, 'a put that succeeded left no object');
          if (isThere) demand(sameBytes(await probe.get(name), body), 'a cancelled put left a part of an object');
        }
        return null;
      },
    },
    {
      name: 'a get that is cancelled in the middle stops with CANCELLED',
      async run() {
        const controller = new AbortController();
        await probe.put('long', sampleBytes(40_000_000, 9), { ifAbsent: true });
        return await demandFailure(
          async () => {
            const call = makeCall({ signal: controller.signal });
            for await (const _ of probe.store.get(probe.name('long'), null, call)) controller.abort();
          },
          ['CANCELLED'],
          'a get of 40 MB that was cancelled after its first piece',
        );
      },
    },
  ];
}
