import { makeCall } from '@holdfast/api';
import { afterEach, expect, test } from 'vitest';
import type { CollectionBook, CollectionTimes } from '../../../core/engine/repositories/contract.ts';
import { noise, toMain, Yard } from '../yard.ts';

const hourMs = 3_600_000;
const noon = Date.parse('2026-11-23T12:00:00Z');

let yard: Yard;
let clock = noon;
afterEach(() => yard[Symbol.asyncDispose]());

/** An installation whose target lands everything, with what it says about that. */
async function open(dedupe: unknown): Promise<void> {
  clock = noon;
  let kept: Record<string, CollectionTimes> = {};
  const collections: CollectionBook = {
    read: async () => ({ ...kept }),
    write: async (target, times) => {
      kept = { ...kept, [target]: times };
    },
  };
  yard = await Yard.open({ now: () => clock, collections });
  // The collection of the day is over.
  await yard.engine.schedules.tick(yard.call());
  Object.assign(yard.config.config.targets.main ?? {}, { dedupe });
}

const landed = async () => (await (await yard.repository()).landed(makeCall())).packs;
const tick = () => yard.engine.schedules.tick(yard.call());

async function protect(steps = toMain) {
  const machine = yard.next({ vda: noise(300_000, 7) });
  return await yard.engine.protect({ machine, steps }, yard.call());
}

test('what lands on a target is deduplicated within its window, and not before', async () => {
  await open({ mode: 'deferred', window: '22:00-06:00' });
  await protect();
  expect(await landed()).toBeGreaterThan(0);
  clock += hourMs;
  await tick();
  expect(await landed()).toBeGreaterThan(0);
  clock = noon + 10.5 * hourMs;
  await tick();
  expect(await landed()).toBe(0);
});

test('what has waited for longer than the deadline is deduplicated outside of the window', async () => {
  await open({ mode: 'deferred', window: '22:00-06:00', deadline: '3h' });
  await protect();
  // Repositories of a yard have a clock of their own, so the window is put where it is closed for all of these hours.
  const { oldestAt } = await (await yard.repository()).landed(makeCall());
  const hour = new Date(oldestAt ?? 0).getUTCHours();
  const window = `${(hour + 12) % 24}:00-${(hour + 13) % 24}:00`;
  Object.assign(yard.config.config.targets.main ?? {}, { dedupe: { mode: 'deferred', window, deadline: '3h' } });
  clock = (oldestAt ?? 0) + 2 * hourMs;
  await tick();
  expect(await landed()).toBeGreaterThan(0);
  clock += hourMs;
  await tick();
  expect(await landed()).toBe(0);
});

test('a target that says no more than deferred is deduplicated as soon as it is seen', async () => {
  await open('deferred');
  await protect();
  clock += hourMs;
  await tick();
  expect(await landed()).toBe(0);
});

test('a step says for itself how data is deduplicated', async () => {
  await open('deferred');
  const steps = toMain.map((step) =>
    step.use === 'proxy' ? { use: 'proxy', settings: { to: 'main', dedupe: 'immediate' } } : step,
  );
  await protect(steps);
  expect(await landed()).toBe(0);
});

test('a setting that is not understood is refused before anything is written', async () => {
  await open({ mode: 'deferred', deadline: 'soon' });
  expect(await protect()).toMatchObject({ state: 'failed', error: { code: 'CONFIG_INVALID' } });
});
