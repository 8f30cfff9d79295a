import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { openCatalog } from '../../core/catalog/open.ts';
import { start } from './process/child.ts';
import { claimed, runToAdd } from './samples.ts';
import { temporaryFolder } from './sqlite-bench.ts';

// Twenty-odd processes are started here; on a busy machine that alone takes its time.
vi.setConfig({ testTimeout: 300_000 });

test('four processes that claim at once share the runs out, and none is claimed twice', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'catalog.db');
  await using catalog = await openCatalog({ file });
  for (let n = 0; n < 60; n += 1) await catalog.jobs.add(runToAdd(`r${n}`));
  await using processes = new AsyncDisposableStack();
  const children = [1, 2, 3, 4].map((n) => processes.use(start('claim-all.ts', file, `host-${n}`)));
  expect(await Promise.all(children.map((child) => child.ended()))).toEqual([0, 0, 0, 0]);
  const claims = children.flatMap((child) => child.lines.slice(1)).map((line) => line.split(' '));
  expect(claims.length).toBe(60);
  expect(new Set(claims.map(([id]) => id)).size).toBe(60);
  expect(new Set(claims.map(([, token]) => token)).size).toBe(60);
  expect(await catalog.jobs.list({ states: ['done'] })).toHaveLength(60);
});

test('four processes that take slots at once never hold more than there are', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'catalog.db');
  await (await openCatalog({ file })).close();
  await using processes = new AsyncDisposableStack();
  const children = [1, 2, 3, 4].map(() => processes.use(start('take-slots.ts', file, '2', '40')));
  expect(await Promise.all(children.map((child) => child.ended()))).toEqual([0, 0, 0, 0]);
  const held = children
    .flatMap((child) => child.lines.slice(1))
    .map((line) => line.split(' ').map(BigInt) as [bigint, bigint, bigint]);
  expect(held.length).toBe(160);
  expect(new Set(held.map(([, , token]) => token)).size).toBe(160);
  const most = Math.max(...held.map(([at]) => held.filter(([from, to]) => from <= at && at < to).length));
  expect(most).toBeLessThanOrEqual(2);
});

test('20 times a process is killed while it writes, and everything it was told is durable is there', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'catalog.db');
  let acknowledged = 0;
  for (let wave = 0; wave < 5; wave += 1) {
    await using processes = new AsyncDisposableStack();
    // Four at once, so that each dies in the midst of what the others do.
    const children = ['a', 'b', 'c', 'd'].map((name) =>
      processes.use(start('write-for-ever.ts', file, `${name}${wave}`)),
    );
    for (const [index, child] of children.entries()) {
      await child.said(3 + ((wave * 7 + index * 5) % 23));
      await wait((wave * 3 + index) % 5);
      child.process.kill('SIGKILL');
      expect(await child.ended()).toBe('SIGKILL');
    }
    await using catalog = await openCatalog({ file, thread: 'caller' });
    const open = new Set((await catalog.jobs.openIntents()).map(({ id }) => id));
    for (const said of children.flatMap(({ lines }) => lines)) {
      const [what, id = ''] = said.split(' ');
      acknowledged += 1;
      if (what === 'run') expect(await catalog.jobs.get(id), said).not.toBeNull();
      if (what === 'step') expect(await catalog.jobs.steps(id), said).toHaveLength(1);
      if (what === 'open' || what === 'settled') expect(open.has(id), said).toBe(what === 'open');
      if (what === 'done') expect((await catalog.jobs.get(id))?.state, said).toBe('done');
    }
    expect(await catalog.check()).toMatchObject({ ok: true });
  }
  expect(acknowledged).toBeGreaterThan(200);
});

test('a process that was stopped past its lease finds itself fenced when it goes on', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'catalog.db');
  await using catalog = await openCatalog({ file });
  await catalog.jobs.add(runToAdd('r1'));
  await using child = start('write-late.ts', file, 'r1', '300');
  await child.said(1);
  child.process.kill('SIGSTOP');
  let claim = await catalog.jobs.claim('next', 60_000, 'r1');
  expect(claim).toBeNull();
  while (claim === null) {
    await wait(20);
    claim = await catalog.jobs.claim('next', 60_000, 'r1');
  }
  child.process.stdin?.write('go on\n');
  child.process.kill('SIGCONT');
  expect(await child.ended()).toBe(0);
  expect(child.lines).toEqual(['claimed', 'FENCED', 'FENCED', 'FENCED']);
  expect(await catalog.jobs.get('r1')).toMatchObject({ state: 'running', attempts: 2 });
  await catalog.jobs.finish(claim.lease, 'done', null, null);
});

test.for(['own', 'caller'])(
  'a process that forgets to close its catalog ends all the same (%s thread)',
  async (thread) => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'catalog.db');
    await using child = start('forget-to-close.ts', file, thread);
    expect(await child.ended()).toBe(0);
    await using catalog = await openCatalog({ file });
    await catalog.jobs.add(runToAdd('r1'));
    await claimed(catalog.jobs, 'host', 1_000);
  },
);
