import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import { start } from '../../catalog/process/child.ts';
import { noise, Yard } from '../yard.ts';
import { gold, hourMs } from './schedule-yard.ts';

// Real processes, whose start alone takes its time on a busy machine.
vi.setConfig({ testTimeout: 180_000 });

const script = '../../engine/schedules/ticker.ts';

let yard: Yard;
afterEach(() => yard[Symbol.asyncDispose]());

/** Machines of a policy of which something was due a while ago. */
async function due(machines: number): Promise<void> {
  yard = await Yard.open();
  for (let n = 1; n <= machines; n += 1) yard.addMachine(`web0${n}`, { vda: noise(70_000, n) });
  // A quarter of an hour ago, and not again while the test goes on.
  const minute = (new Date().getUTCMinutes() + 45) % 60;
  const text = gold(`schedule: ${minute} * * * *`);
  await yard.catalog.policies.apply(null, {
    text,
    source: '/policies.yaml',
    who: 'tester',
    at: Date.now() - 3 * hourMs,
  });
}

interface Said {
  readonly fired: number;
  readonly runs: readonly string[];
}
const saidBy = ({ lines }: { readonly lines: readonly string[] }): Said[] =>
  lines.slice(1).map((line) => JSON.parse(line) as Said);

test('of three processes that look at the same time one begins what is due, and each machine gets one run', async () => {
  await due(3);
  yard.fail({ openDisk: { delayMs: 50 } });
  await using processes = new AsyncDisposableStack();
  const children = ['a', 'b', 'c'].map((name) => processes.use(start(script, yard.folder, `host:${name}`, '15')));
  let most = 0;
  let areGoing = true;
  const ends = Promise.all(children.map((child) => child.ended())).finally(() => {
    areGoing = false;
  });
  while (areGoing) {
    most = Math.max(most, (await yard.catalog.leases.slots()).filter(({ name }) => name.startsWith('snapshot')).length);
    await wait(5);
  }
  expect(await ends).toEqual([0, 0, 0]);
  const said = children.flatMap(saidBy);
  expect(said.reduce((sum, { fired }) => sum + fired, 0)).toBe(1);
  expect(said.flatMap(({ runs }) => runs).map((run) => run.split(' ')[1])).toEqual(['done', 'done', 'done']);
  expect(await yard.catalog.jobs.list({})).toHaveLength(3);
  expect(most).toBe(1);
});

test('a leader that was stopped for longer than its lease begins nothing more, and what it had begun is done once', async () => {
  await due(2);
  yard.fail({ machines: { delayMs: 500 } });
  await using first = start(script, yard.folder, 'host:first', '1');
  await first.said(1);
  // While it asks for the machines it leads, and has written nothing yet.
  while ((await yard.catalog.leases.peek('scheduler'))?.holder !== 'host:first') await wait(5);
  using database = new DatabaseSync(join(yard.folder, 'data', 'catalog.db'), { timeout: 0 });
  for (;;) {
    first.process.kill('SIGSTOP');
    await wait(20);
    try {
      // One that is stopped while it writes would hold up everybody: not what is tested here.
      database.exec('begin immediate; rollback');
      break;
    } catch {
      first.process.kill('SIGCONT');
      await wait(5);
    }
  }
  yard.fail({});
  await using second = start(script, yard.folder, 'host:second', '200');
  while (saidBy(second).length === 0) await second.said(second.lines.length + 1);
  first.process.kill('SIGCONT');
  await first.ended();
  expect(saidBy(first).flatMap(({ runs }) => runs)).toEqual([]);
  expect(saidBy(second)[0]).toMatchObject({
    fired: 1,
    runs: [expect.stringContaining('done'), expect.stringContaining('done')],
  });
  expect(await yard.catalog.jobs.list({})).toHaveLength(2);
  expect((await yard.catalog.policies.schedules())[0]).toMatchObject({ lastWasCatchUp: true, missed: 0 });
});
