import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { noise, toMain, Yard } from './yard.ts';

let yard: Yard;
afterEach(() => yard[Symbol.asyncDispose]());

const MiB = 1024 * 1024;
const wish = { machine: 'web01', steps: toMain };
const reasonsOf = async (run: string) =>
  (await yard.catalog.jobs.reasons(run)).map(({ decision, because }) => `${decision}: ${because}`);

test('a plan says what would be read and why, guesses the time until it has seen a run, and changes nothing', async () => {
  yard = await Yard.open();
  yard.addMachine('web01', { vda: noise(3 * MiB, 1) }, { power: 'on' });
  const first = await yard.engine.planProtect(wish, yard.call());
  expect(first.steps.map(({ title }) => title)).toEqual([
    'snapshot web01, nothing quiesced',
    'read 1 disk of web01 into main',
  ]);
  expect(first.readBytes).toBe(3 * MiB);
  expect(first.steps.flatMap(({ slots }) => slots)).toEqual(['snapshot:fleet', 'stream:main']);
  expect(first.warnings).toEqual([
    'web01 is running and is not quiesced: a restore will be as after a power cut',
    'no earlier run from fleet to main: the time is a guess',
  ]);
  expect(readFileSync(join(yard.folder, 'fleet', 'calls.log'), 'utf8')).not.toContain('snapshot');
  expect(await yard.catalog.jobs.list({})).toEqual([]);
  await yard.engine.protect(wish, yard.call());
  const second = await yard.engine.planProtect(wish, yard.call());
  expect(second.warnings).not.toContain('no earlier run from fleet to main: the time is a guess');
  expect(second.writeBytes).toBeLessThan(first.writeBytes);
});

test('retention forgets what no rule keeps after each run, says why, and the plan foretells it', async () => {
  let now = Date.UTC(2026, 0, 1, 12);
  yard = await Yard.open({ now: () => now, config: { keep: { main: { last: 2 } } }, timing: { leaseMs: 1e12 } });
  const disk = noise(MiB, 1);
  yard.addMachine('web01', { vda: disk });
  const points: string[] = [];
  for (let day = 0; day < 2; day += 1) {
    now += 86_400_000;
    disk.writeUInt32LE(day, 4096 * day);
    yard.writeDisk('web01', 'vda', disk);
    const run = await yard.engine.protect(wish, yard.call());
    expect(run.error).toBeNull();
    points.push((await yard.catalog.points({})).toSorted((a, b) => b.takenAt - a.takenAt)[0]?.point ?? '');
  }
  now += 86_400_000;
  const plan = await yard.engine.planProtect(wish, yard.call());
  expect(plan.expires.map(({ point }) => point)).toEqual([points[0]]);
  const run = await yard.engine.protect(wish, yard.call());
  expect(run.result).toMatchObject({ expired: [points[0]] });
  const left = await (await yard.repository()).points({}, yard.call());
  expect(left).toHaveLength(2);
  expect(left.map(({ point }) => point)).not.toContain(points[0]);
  const reasons = await reasonsOf(run.id);
  expect(reasons.some((line) => line.startsWith('keep 2 restore points on main: 2026-01-04 12:00 UTC (newest'))).toBe(
    true,
  );
  expect(reasons.at(-1)).toBe(
    `forget restore point ${points[0]} of 2026-01-02 12:00 UTC: no rule of retention last 2 of main keeps it`,
  );
  expect(await yard.catalog.copies(points[0] ?? '')).toMatchObject([{ state: 'forgotten' }]);
});
