import { afterEach, expect, test } from 'vitest';
import type { Catalog, LeaseStore } from '../../../core/catalog/contract.ts';
import type { TickReport } from '../../../core/engine/schedules/contract.ts';
import type { KeepCounts } from '../../../core/model/retention/keep.ts';
import { pointsAt, simulateRetention } from '../../../core/model/retention/simulate.ts';
import type { TimeWindow } from '../../../core/model/schedules/contract.ts';
import { parseWindow } from '../../../core/model/schedules/window.ts';
import { firings, minutesOf, windowsHave } from '../../model/schedules/oracle.ts';
import { noise } from '../yard.ts';
import { dayMs, hourMs, minuteMs, ScheduleYard, utc } from './schedule-yard.ts';

const zone = 'Europe/London';
const policies = `zone: ${zone}
blackouts:
  - { from: 2026-03-25 20:00, to: 2026-03-26 10:00, why: the storage is moved }
  - { weekly: Mon 00:30-02:30, why: maintenance }
policies:
  gold:
    protect: { names: [erp, mail] }
    workflows:
      often: { every: 12h, steps: [ snapshot, { proxy: { to: main } } ] }
      nightly: { schedule: daily 01:30, window: 01:00-05:00, steps: [ snapshot, { proxy: { to: main } } ] }
    keep: { main: { last: 2, daily: 5, weekly: 3 } }
  silver:
    protect: { names: 'web*' }
    workflows:
      evening: { schedule: weekdays 22:00, window: Mon-Fri 20:00-23:00, steps: [ snapshot, { proxy: { to: main } } ] }
    keep: { main: { daily: 3, monthly: 2 } }
`;
const machinesOf: Readonly<Record<string, readonly string[]>> = { gold: ['erp', 'mail'], silver: ['web01', 'web02'] };
const keepOf: Readonly<Record<string, KeepCounts>> = {
  gold: { last: 2, daily: 5, weekly: 3 },
  silver: { daily: 3, monthly: 2 },
};

const begin = utc('2026-03-10T00:10');
const end = utc('2026-04-10T00:10');
const outage = { from: utc('2026-03-20T10:00'), to: utc('2026-03-22T10:00') };
/** Then somebody sets the clock back a day. */
const setBackAt = utc('2026-04-03T12:00');
const slots = { snapshot: 1 };

let yard: ScheduleYard;
afterEach(() => yard[Symbol.asyncDispose]());

/** Checks at every slot that is taken that no more are held than there are. */
function watchSlots(seen: { taken: number; most: number }): (catalog: Catalog) => Catalog {
  return (catalog) => {
    const leases: LeaseStore = {
      ...catalog.leases,
      async takeSlot(name, capacity, holder, ttlMs) {
        const lease = await catalog.leases.takeSlot(name, capacity, holder, ttlMs);
        const held = (await catalog.leases.slots()).filter((slot) => slot.name === name).length;
        seen.most = Math.max(seen.most, held);
        if (lease !== null) seen.taken += 1;
        if (held > capacity) throw new Error(`${held} slots of ${name} are held, of ${capacity}`);
        return lease;
      },
    };
    return { ...catalog, leases };
  };
}

/** An occurrence that begins. */
interface Begun {
  readonly workflow: string;
  readonly due: number;
  readonly at: number;
  readonly isCatchUp: boolean;
}

const minutes = minutesOf(zone, utc('2026-03-09T00:00'), 33);
const wallOf = new Map(minutes.map(({ at, wall }) => [at, wall]));
const isIn = (windows: readonly TimeWindow[], at: number): boolean => windowsHave(windows, wallOf.get(at) ?? 0);
const blackout = { from: utc('2026-03-25T20:00'), to: utc('2026-03-26T10:00') };
const maintenance = [parseWindow('Mon 00:30-02:30')];
const isDark = (at: number): boolean => (at >= blackout.from && at < blackout.to) || isIn(maintenance, at);

/** What is to begin when somebody looks at these moments, one rule after the other as docs/formats/policies.md says them. */
function expected(
  workflow: string,
  dues: readonly number[],
  windows: readonly TimeWindow[],
  looks: readonly number[],
): Begun[] {
  const begun: Begun[] = [];
  let handled = begin;
  for (const at of looks) {
    const due = dues.filter((one) => one > handled && one <= at).at(-1);
    if (due === undefined || isDark(at)) continue;
    const isCatchUp = at - due > 5 * minuteMs || isDark(due);
    if (isCatchUp && !isIn(windows, at)) continue;
    begun.push({ workflow, due, at, isCatchUp });
    handled = due;
  }
  return begun;
}

/** Midnights, and noons as time passes. */
function everyTwelveHours(): number[] {
  const midnights = minutes.filter(({ wall }) => wall % 1_440 === 0).map(({ at }) => at);
  return midnights.flatMap((at) => [at, at + 12 * hourMs]);
}

test('a policy file protects four machines for a month, through an outage, blackouts, a change of clocks and a clock set back', {
  timeout: 240_000,
}, async () => {
  const seen = { taken: 0, most: 0 };
  yard = await ScheduleYard.open('2026-03-10T00:10', { config: { slots }, wrapCatalog: watchSlots(seen) });
  const { catalog } = yard.yard;
  const names = Object.values(machinesOf).flat();
  for (const [index, name] of names.entries()) yard.yard.addMachine(name, { vda: noise(20_000, index) });
  await yard.apply(policies);
  const second = yard.other('second');
  const looks: number[] = [];
  const reports: { at: number; report: TickReport }[] = [];
  let hasBeenSetBack = false;
  const kept = new Map(names.map((name) => [name, [] as number[]]));
  /** What retention lets stay when a point is taken, one step of the simulator after the other. */
  const take = (policy: string, name: string, at: number): void => {
    const existing = (kept.get(name) ?? []).map((takenAt) => ({ point: String(takenAt), takenAt }));
    const simulation = simulateRetention({
      keep: keepOf[policy] ?? {},
      everyMs: 1,
      from: at,
      until: at,
      existing,
      zone,
    });
    kept.set(
      name,
      pointsAt(simulation, at).map(({ takenAt }) => takenAt),
    );
  };
  const idOf = new Map(names.map((name) => [yard.yard.idOf(name) ?? '', name]));
  const pointsOf = async () => {
    const found = new Map(names.map((name) => [name, [] as number[]]));
    for (const { machine, takenAt } of await catalog.points({})) found.get(idOf.get(machine) ?? '')?.push(takenAt);
    for (const times of found.values()) times.sort((a, b) => a - b);
    return found;
  };

  for (let step = 0; yard.now() < end; step += 1) {
    // Every half an hour at night, every hour by day.
    const isNight = yard.now() % dayMs < 5 * hourMs;
    yard.clock.advance(yard.now() === begin ? 20 * minuteMs : isNight ? 30 * minuteMs : hourMs);
    const at = yard.now();
    if (!hasBeenSetBack && at === setBackAt) {
      yard.setBack(dayMs);
      hasBeenSetBack = true;
    }
    if (at >= outage.from && at < outage.to) continue;
    if (at % dayMs === 0)
      for (const [index, name] of names.entries()) yard.yard.writeDisk(name, 'vda', noise(20_000, index + at / dayMs));
    // Now one, now the other, now both at the same moment.
    const engines = step % 3 === 0 ? [yard.engine, second] : step % 3 === 1 ? [yard.engine] : [second];
    looks.push(yard.now());
    for (const report of await Promise.all(engines.map((engine) => yard.tick(engine)))) {
      reports.push({ at: yard.now(), report });
      for (const { machineName, state, policy, error } of report.runs) {
        expect(`${state} ${error?.message ?? ''}`).toBe('done ');
        take(policy?.policy ?? '', machineName, yard.now());
      }
    }
    if (at % dayMs === 0) expect(await pointsOf(), new Date(at).toISOString()).toEqual(kept);
  }

  const fired = reports.flatMap(({ at, report }) =>
    report.fired.map(({ workflow, due, isCatchUp }) => ({ workflow, due, at, isCatchUp })),
  );
  const night = [parseWindow('01:00-05:00')];
  const evening = [parseWindow('Mon-Fri 20:00-23:00')];
  const wanted = [
    ...expected('often', everyTwelveHours(), [], looks),
    ...expected('nightly', firings('30 1 * * *', night, minutes), night, looks),
    ...expected('evening', firings('0 22 * * 1-5', evening, minutes), evening, looks),
  ];
  const inOrder = (all: readonly Begun[]) =>
    all.toSorted((a, b) => a.at - b.at || a.due - b.due || (a.workflow < b.workflow ? -1 : 1));
  expect(inOrder(fired)).toEqual(inOrder(wanted));

  // In words: what the rules above come to.
  const caughtUp = (workflow: string) =>
    fired
      .filter((one) => one.workflow === workflow && one.isCatchUp)
      .map(({ at }) => new Date(at).toISOString().slice(5, 16));
  expect(caughtUp('often')).toEqual(['03-22T10:00', '03-26T10:00']);
  // After the outage in the next night; each Monday when the maintenance is over; after the blackout when the window opens.
  expect(caughtUp('nightly')).toEqual(['03-16T02:30', '03-23T02:30', '03-27T01:00', '03-30T01:30', '04-06T01:30']);
  expect(caughtUp('evening')).toEqual(['03-23T20:00', '03-26T20:00']);
  const onChange = fired.find(({ workflow, due }) => workflow === 'nightly' && due === utc('2026-03-29T01:00'));
  expect(onChange).toMatchObject({ isCatchUp: false, at: utc('2026-03-29T01:00') });

  const runs = await catalog.jobs.list({ limit: 10_000 });
  const keys = runs.map(({ policy, machine }) => `${policy?.policy}/${policy?.workflow} ${policy?.due} ${machine}`);
  expect(new Set(keys).size).toBe(runs.length);
  expect(runs.length).toBe(2 * fired.length);
  expect(seen.most).toBe(1);
  expect(seen.taken).toBeGreaterThanOrEqual(runs.length);
  expect(reports.some(({ report }) => report.warnings.some((text) => text.startsWith('the clock was set back')))).toBe(
    true,
  );
  // The repository itself has what the catalog says.
  const listed = await yard.engine.listPoints('main', yard.yard.call());
  expect(listed.map(({ takenAt }) => takenAt).toSorted((a, b) => a - b)).toEqual(
    [...kept.values()].flat().toSorted((a, b) => a - b),
  );
});
