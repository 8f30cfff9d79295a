import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { expect, test } from 'vitest';
import { insideOf } from '../../../core/repository/copy/inside.ts';
import { leaseName } from '../../../core/repository/documents/names.ts';
import { holderOf } from '../../../core/repository/leases/holder.ts';
import type { LeasePurpose } from '../../../core/repository/leases/lease-document.ts';
import { noise } from '../sample-disks.ts';
import { type CollectLab, call, MIB, openCollectLab, SILENT_AFTER_MS } from './collect-lab.ts';

const onLinux = test.skipIf(process.platform !== 'linux');

/** Puts a lease as this process would. */
async function leaseOf(one: CollectLab, child: ChildProcess, purpose: LeasePurpose, lease: string): Promise<void> {
  const pid = child.pid ?? 0;
  const content = { version: 1, lease, purpose, host: hostname(), pid, startedAt: 1, silentAfterMs: SILENT_AFTER_MS };
  const { documents } = insideOf(one.lab.repository);
  const name = leaseName(lease);
  await documents.put(documents.seal(name, { ...content, holder: holderOf(pid) }), call);
}

onLinux('a collection that was killed on this machine holds up the next one no longer than it lives', async () => {
  await using one = await openCollectLab({ workers: 0 });
  const gone = await one.protect('m1', noise('dead', MIB / 2));
  await one.protect('m1', noise('alive', MIB / 2));
  await one.lab.repository.forget([gone.point], 'test', call);
  one.expected.delete(gone.point);
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  try {
    await leaseOf(one, child, 'collect', 'c'.repeat(32));
    await leaseOf(one, child, 'backup', 'b'.repeat(32));
    await leaseOf(one, child, 'read', 'd'.repeat(32));
    await expect(one.collect()).rejects.toMatchObject({ code: 'COLLECTION_BUSY' });
    expect((await one.collect({ dryRun: true })).awaited).toHaveLength(3);
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
  expect((await one.collect({ dryRun: true })).awaited).toEqual([]);
  const report = await one.collect();
  expect(report.sweptPacks).toBeGreaterThan(0);
  expect([...report.fenced].sort()).toEqual(['b', 'c', 'd'].map((digit) => digit.repeat(32)));
  // Of a writer the fence stays: a put of its may still be on its way.
  expect(one.store.names('commits/')).toContain(`commits/${'b'.repeat(32)}`);
  await one.expectWhole();
});
