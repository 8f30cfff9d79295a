import { expect, test } from 'vitest';
import type { JobStore } from '../../core/catalog/contract.ts';
import { claimed, runToAdd } from './samples.ts';
import type { MakeBench } from './store-bench.ts';

const snapshot = { step: 0, use: 'snapshot', kind: 'snapshot', state: { of: 'm-1' } };

/** Part of the job-store conformance suite: what is announced before it is made. */
export function intentConformance(make: MakeBench<JobStore>): void {
  test('what was announced is open, oldest first, until it is settled', async () => {
    await using bench = await make();
    await bench.store.add(runToAdd('r1', { createdAt: 1 }));
    await bench.store.add(runToAdd('r2', { createdAt: 2 }));
    const one = await claimed(bench.store, 'host-1', 1_000);
    const two = await claimed(bench.store, 'host-1', 1_000);
    const first = await bench.store.intend(one.lease, snapshot);
    const second = await bench.store.intend(two.lease, { ...snapshot, kind: 'freeze' });
    expect(first).toEqual({ ...snapshot, id: first.id, run: 'r1', createdAt: bench.clock.now() });
    expect(await bench.peer.openIntents()).toEqual([first, second]);
    expect(await bench.peer.openIntents('r2')).toEqual([second]);
    await bench.store.amendIntent(one.lease, first.id, { of: 'm-1', made: 'snap-7' });
    expect((await bench.peer.openIntents('r1'))[0]?.state).toEqual({ of: 'm-1', made: 'snap-7' });
    await bench.store.settleIntent(one.lease, first.id);
    await bench.store.settleIntent(one.lease, first.id);
    expect(await bench.peer.openIntents()).toEqual([second]);
  });

  test('nobody settles what another run announced', async () => {
    await using bench = await make();
    await bench.store.add(runToAdd('r1', { createdAt: 1 }));
    await bench.store.add(runToAdd('r2', { createdAt: 2 }));
    const one = await claimed(bench.store, 'host-1', 1_000);
    const two = await claimed(bench.store, 'host-1', 1_000);
    const intent = await bench.store.intend(one.lease, snapshot);
    await expect(bench.store.settleIntent(two.lease, intent.id)).rejects.toMatchObject({ code: 'FENCED' });
    await expect(bench.store.amendIntent(two.lease, intent.id, null)).rejects.toMatchObject({ code: 'FENCED' });
    expect(await bench.peer.openIntents()).toEqual([intent]);
  });

  test('what a run left behind when it ended can be settled by a janitor, by one at a time', async () => {
    await using bench = await make();
    await bench.store.add(runToAdd('r1'));
    const { lease } = await claimed(bench.store, 'host-1', 1_000);
    const intent = await bench.store.intend(lease, snapshot);
    expect(await bench.peer.claimEnded('janitor', 1_000, 'r1')).toBeNull();
    await bench.store.finish(lease, 'failed', { code: 'TIMEOUT', message: 'slow', remedy: null }, null);
    const janitor = await bench.peer.claimEnded('janitor', 1_000, 'r1');
    if (janitor === null) throw new Error('the janitor got nothing');
    expect(janitor.run).toEqual(await bench.store.get('r1'));
    expect(janitor.lease.token).toBeGreaterThan(lease.token);
    expect(await bench.store.claimEnded('another', 1_000, 'r1')).toBeNull();
    await bench.peer.heartbeat(janitor.lease, 1_000, null);
    await bench.peer.amendIntent(janitor.lease, intent.id, 'half undone');
    bench.clock.advance(1_000);
    const next = await bench.store.claimEnded('another', 1_000, 'r1');
    if (next === null) throw new Error('the next janitor got nothing');
    await expect(bench.peer.settleIntent(janitor.lease, intent.id)).rejects.toMatchObject({ code: 'FENCED' });
    await bench.store.settleIntent(next.lease, intent.id);
    expect(await bench.store.get('r1')).toMatchObject({ state: 'failed', attempts: 1 });
    bench.clock.advance(1_000);
    expect(await bench.store.claimEnded('janitor', 1_000, 'r1')).toBeNull();
  });
}
