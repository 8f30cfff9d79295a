import { describe, expect, test } from 'vitest';
import type { JobStore } from '../../core/catalog/contract.ts';
import { intentConformance } from './job-store-intents.ts';
import { noteConformance } from './job-store-notes.ts';
import { claimed, runToAdd, step } from './samples.ts';
import type { MakeBench } from './store-bench.ts';

/** What every job store must do, whatever database is under it. */
export function jobStoreConformance(name: string, make: MakeBench<JobStore>): void {
  describe(`jobs in ${name}`, () => {
    test('a run that is added waits, and is read back as it was given', async () => {
      await using bench = await make();
      const added = await bench.store.add(runToAdd('r1'));
      expect(added).toEqual({
        ...runToAdd('r1'),
        state: 'waiting',
        startedAt: null,
        endedAt: null,
        attempts: 0,
        cancelAskedBy: null,
        error: null,
        progress: null,
        result: null,
      });
      expect(await bench.peer.get('r1')).toEqual(added);
      expect(await bench.peer.get('r2')).toBeNull();
      await expect(bench.peer.add(runToAdd('r1'))).rejects.toMatchObject({ code: 'NAME_TAKEN' });
    });

    test('runs are listed newest first, of the states and the machine asked for, and no more than asked for', async () => {
      await using bench = await make();
      await bench.store.add(runToAdd('old', { createdAt: 1 }));
      await bench.store.add(runToAdd('same-time-1', { createdAt: 2 }));
      await bench.store.add(runToAdd('same-time-2', { createdAt: 2, machine: 'm-2' }));
      const ids = async (...filter: Parameters<JobStore['list']>) =>
        (await bench.peer.list(...filter)).map((run) => run.id);
      expect(await ids({})).toEqual(['same-time-2', 'same-time-1', 'old']);
      expect(await ids({ limit: 2 })).toEqual(['same-time-2', 'same-time-1']);
      expect(await ids({ machine: 'm-2' })).toEqual(['same-time-2']);
      await bench.store.askCancel('same-time-1', 'test');
      expect(await ids({ states: ['waiting'] })).toEqual(['same-time-2', 'old']);
      expect(await ids({ states: ['cancelled', 'waiting'], machine: 'm-1' })).toEqual(['same-time-1', 'old']);
      expect(await ids({ states: [] })).toEqual([]);
    });

    test('the oldest waiting run is claimed first, unless one is named', async () => {
      await using bench = await make();
      for (const [id, createdAt] of [
        ['younger', 2],
        ['older', 1],
        ['youngest', 3],
      ] as const)
        await bench.store.add(runToAdd(id, { createdAt }));
      const { run, lease } = await claimed(bench.store, 'host-1', 1_000);
      expect(run).toMatchObject({ id: 'older', state: 'running', attempts: 1, startedAt: bench.clock.now() });
      expect(lease).toMatchObject({ holder: 'host-1', expiresAt: bench.clock.now() + 1_000 });
      expect((await claimed(bench.peer, 'host-2', 1_000, 'youngest')).run.id).toBe('youngest');
      expect(await bench.peer.claim('host-2', 1_000, 'older')).toBeNull();
      expect(await bench.peer.claim('host-2', 1_000, 'nobody')).toBeNull();
      expect((await claimed(bench.peer, 'host-2', 1_000)).run.id).toBe('younger');
      expect(await bench.store.claim('host-1', 1_000)).toBeNull();
    });

    test('two that claim at once never get the same run', async () => {
      await using bench = await make();
      for (let n = 0; n < 20; n += 1) await bench.store.add(runToAdd(`r${n}`));
      const claims = await Promise.all(
        Array.from({ length: 30 }, (_, n) => (n % 2 === 0 ? bench.store : bench.peer).claim(`host-${n % 2}`, 1_000)),
      );
      const ids = claims.flatMap((claim) => (claim === null ? [] : [claim.run.id]));
      expect(ids.length).toBe(20);
      expect(new Set(ids).size).toBe(20);
    });

    test('a run whose holder has been silent for too long is claimed by the next, whose token is greater', async () => {
      await using bench = await make();
      await bench.store.add(runToAdd('r1'));
      const first = await claimed(bench.store, 'host-1', 1_000);
      bench.clock.advance(999);
      expect(await bench.peer.claim('host-2', 1_000)).toBeNull();
      expect(await bench.peer.orphans()).toEqual([]);
      bench.clock.advance(1);
      expect((await bench.peer.orphans()).map((run) => run.id)).toEqual(['r1']);
      const second = await claimed(bench.peer, 'host-2', 1_000);
      expect(second.run).toMatchObject({ id: 'r1', attempts: 2, startedAt: first.run.startedAt });
      expect(second.lease.token).toBeGreaterThan(first.lease.token);
      expect(await bench.peer.orphans()).toEqual([]);
    });

    test('runs that ended long ago are forgotten with their notes, but none that waits, works or has something to take back', async () => {
      await using bench = await make();
      const before = bench.clock.now();
      for (const id of ['done', 'open', 'waiting']) await bench.store.add(runToAdd(id, { createdAt: before - 1 }));
      await bench.store.add(runToAdd('young', { createdAt: before }));
      const end = async (id: string, intends: boolean) => {
        const claim = await bench.store.claim('host-1', 1_000, id);
        if (claim === null) throw new Error(`${id} is not to be had`);
        await bench.store.log(id, [{ at: 1, level: 'info', text: 'x' }]);
        if (intends) await bench.store.intend(claim.lease, { step: 0, use: 'snapshot', kind: 'snapshot', state: 1 });
        await bench.store.finish(claim.lease, 'failed', null, null);
      };
      await end('done', false);
      await end('open', true);
      await end('young', false);
      expect(await bench.store.prune(before, 100)).toBe(1);
      expect((await bench.store.list({})).map(({ id }) => id).sort()).toEqual(['open', 'waiting', 'young']);
      expect(await bench.store.logLines('done', 9)).toEqual([]);
      expect(await bench.store.prune(before, 100)).toBe(0);
      expect(await bench.store.prune(0, 0)).toBe(1);
      expect((await bench.store.list({})).map(({ id }) => id).sort()).toEqual(['open', 'waiting']);
    });

    test('whoever has lost a run can write nothing of it any more', async () => {
      await using bench = await make();
      await bench.store.add(runToAdd('r1'));
      const { lease: old } = await claimed(bench.store, 'host-1', 1_000);
      const intent = await bench.store.intend(old, { step: 0, use: 'snapshot', kind: 'snapshot', state: 1 });
      bench.clock.advance(1_000);
      await claimed(bench.peer, 'host-2', 1_000);
      const before = await bench.peer.get('r1');
      const fenced = { code: 'FENCED' };
      await expect(bench.store.heartbeat(old, 1_000, { phase: 'late' })).rejects.toMatchObject(fenced);
      await expect(bench.store.saveStep(old, step('r1'))).rejects.toMatchObject(fenced);
      await expect(
        bench.store.intend(old, { step: 0, use: 'snapshot', kind: 'snapshot', state: null }),
      ).rejects.toMatchObject(fenced);
      await expect(bench.store.amendIntent(old, intent.id, 2)).rejects.toMatchObject(fenced);
      await expect(bench.store.settleIntent(old, intent.id)).rejects.toMatchObject(fenced);
      await expect(bench.store.finish(old, 'done', null, null)).rejects.toMatchObject(fenced);
      expect(await bench.peer.get('r1')).toEqual(before);
      expect(await bench.peer.steps('r1')).toEqual([]);
      expect(await bench.peer.openIntents()).toEqual([intent]);
    });

    test('a lease of another catalog is worth nothing here', async () => {
      await using bench = await make();
      await bench.store.add(runToAdd('r1'));
      const { lease } = await claimed(bench.store, 'host-1', 1_000);
      const foreign = { ...lease, epoch: '0'.repeat(32) };
      await expect(bench.store.heartbeat(foreign, 1_000, null)).rejects.toMatchObject({ code: 'FENCED' });
      await expect(bench.store.finish(foreign, 'done', null, null)).rejects.toMatchObject({ code: 'FENCED' });
    });

    test('a heartbeat prolongs the claim, stores progress and tells of a wish to stop', async () => {
      await using bench = await make();
      await bench.store.add(runToAdd('r1'));
      const { lease } = await claimed(bench.store, 'host-1', 1_000);
      bench.clock.advance(900);
      const beat = await bench.store.heartbeat(lease, 1_000, { phase: 'reading', doneBytes: 5 });
      expect(beat).toEqual({ lease: { ...lease, expiresAt: bench.clock.now() + 1_000 }, cancelAsked: false });
      bench.clock.advance(900);
      expect(await bench.peer.claim('host-2', 1_000)).toBeNull();
      await bench.peer.askCancel('r1', 'ann');
      expect((await bench.store.heartbeat(beat.lease, 1_000, null)).cancelAsked).toBe(true);
      expect(await bench.peer.get('r1')).toMatchObject({
        state: 'running',
        cancelAskedBy: 'ann',
        progress: { phase: 'reading', doneBytes: 5 },
      });
    });

    test('a finished run has its result, and its lease is worth nothing any more', async () => {
      await using bench = await make();
      await bench.store.add(runToAdd('r1'));
      const { lease } = await claimed(bench.store, 'host-1', 1_000);
      bench.clock.advance(50);
      const error = { code: 'TARGET_FULL', message: 'no room', remedy: null };
      await bench.store.finish(lease, 'partial', error, { disks: { vda: { readBytes: 7 } } });
      expect(await bench.peer.get('r1')).toMatchObject({
        state: 'partial',
        error,
        result: { disks: { vda: { readBytes: 7 } } },
        endedAt: bench.clock.now(),
      });
      await expect(bench.store.finish(lease, 'done', null, null)).rejects.toMatchObject({ code: 'FENCED' });
      bench.clock.advance(5_000);
      expect(await bench.peer.claim('host-2', 1_000)).toBeNull();
      expect(await bench.peer.orphans()).toEqual([]);
    });

    test('a failed or cancelled run can be tried again, and finds its checkpoints', async () => {
      await using bench = await make();
      await bench.store.add(runToAdd('r1'));
      const { lease } = await claimed(bench.store, 'host-1', 1_000);
      await bench.store.saveStep(lease, step('r1', { checkpoint: { extent: 42 } }));
      await bench.peer.askCancel('r1', 'ann');
      await bench.store.finish(lease, 'failed', { code: 'TIMEOUT', message: 'slow', remedy: 'wait' }, null);
      expect(await bench.peer.retry('r1')).toMatchObject({
        state: 'waiting',
        startedAt: null,
        endedAt: null,
        cancelAskedBy: null,
        error: null,
        attempts: 1,
      });
      const again = await claimed(bench.store, 'host-1', 1_000);
      expect(again.run.attempts).toBe(2);
      expect((await bench.store.steps('r1'))[0]?.checkpoint).toEqual({ extent: 42 });
      await expect(bench.store.retry('r1')).rejects.toMatchObject({ code: 'RUN_NOT_RETRYABLE' });
      await bench.store.finish(again.lease, 'done', null, null);
      await expect(bench.store.retry('r1')).rejects.toMatchObject({ code: 'RUN_NOT_RETRYABLE' });
      await expect(bench.store.retry('nobody')).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
    });

    test('a waiting run is cancelled at once, a running one is asked, an ended one is left alone', async () => {
      await using bench = await make();
      await bench.store.add(runToAdd('r1'));
      expect(await bench.peer.askCancel('r1', 'ann')).toMatchObject({
        state: 'cancelled',
        cancelAskedBy: 'ann',
        endedAt: bench.clock.now(),
      });
      expect(await bench.store.claim('host-1', 1_000)).toBeNull();
      await expect(bench.store.askCancel('r1', 'bob')).rejects.toMatchObject({ code: 'RUN_ENDED' });
      await expect(bench.store.askCancel('nobody', 'bob')).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
      await bench.store.retry('r1');
      await claimed(bench.store, 'host-1', 1_000);
      expect(await bench.peer.askCancel('r1', 'bob')).toMatchObject({ state: 'running', endedAt: null });
    });

    test('the steps of a run are kept by index, each as it was saved last', async () => {
      await using bench = await make();
      await bench.store.add(runToAdd('r1'));
      const { lease } = await claimed(bench.store, 'host-1', 1_000);
      const second = step('r1', { index: 1, state: 'waiting', startedAt: null });
      const first = step('r1', {
        state: 'failed',
        endedAt: 9,
        checkpoint: { done: [1, 2], seen: new Uint8Array([0, 255]), none: undefined },
        output: { copy: { target: 'disk-main', point: 'p1' } },
        error: { code: 'TARGET_IO', message: 'read failed' },
      });
      await bench.store.saveStep(lease, second);
      await bench.store.saveStep(lease, step('r1'));
      await bench.store.saveStep(lease, first);
      expect(await bench.peer.steps('r1')).toStrictEqual([first, second]);
    });

    intentConformance(make);
    noteConformance(make);
  });
}
