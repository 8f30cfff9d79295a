import { HoldfastError, makeCall } from '@holdfast/api';
import { describe, expect, test } from 'vitest';
import { commitName, manifestName } from '../../../core/repository/documents/names.ts';
import { takeLease } from '../../../core/repository/leases/lease.ts';
import { parseLease, parseLeaseEnd } from '../../../core/repository/leases/lease-document.ts';
import { ReadLeases } from '../../../core/repository/leases/read-leases.ts';
import type { Committed } from '../../../core/repository/points/commit-document.ts';
import { commitPoint } from '../../../core/repository/points/commit-point.ts';
import { documentsOf, manifest, temporaryFolder } from '../paper.ts';
import { MemoryStore } from '../stores.ts';

const call = makeCall();
const terms = { silentAfterMs: 60_000, now: () => 1000 };

describe('a lease', () => {
  test('is in the store before anything is done under it, is renewed, and says when it has ended', async () => {
    await using folder = await temporaryFolder();
    const store = new MemoryStore();
    const documents = documentsOf(store, folder.path);
    const lease = await takeLease(documents, 'backup', terms, call);
    const name = `leases/${lease.id}`;
    expect(store.names()).toEqual([name]);
    expect(parseLease((await documents.fetch(name, call)).value, name, lease.id)).toMatchObject({
      purpose: 'backup',
      pid: process.pid,
      silentAfterMs: 60_000,
    });
    await lease.renew();
    await lease.renew();
    await lease.end(call);
    await lease.end(call);
    expect(store.names()).toEqual([name, `${name}.1`, `${name}.2`, `${name}.end`]);
    const end = `${name}.end`;
    expect(parseLeaseEnd((await documents.fetch(end, call)).value, end, lease.id).endedAt).toBe(1000);
  });

  test('renews itself by the clock, three times in the time after which it may be fenced', async () => {
    await using folder = await temporaryFolder();
    const store = new MemoryStore();
    const { promise, resolve } = Promise.withResolvers<void>();
    store.before = (operation, name) => {
      if (operation === 'put' && name.endsWith('.2')) resolve();
    };
    const lease = await takeLease(documentsOf(store, folder.path), 'backup', { ...terms, silentAfterMs: 30 }, call);
    await promise;
    await lease.end(call);
    expect(store.names()).toContain(`leases/${lease.id}.1`);
  });

  test('outlives a store that is away for a while', async () => {
    await using folder = await temporaryFolder();
    const store = new MemoryStore();
    const said: string[] = [];
    const log = (_level: string, text: string): void => void said.push(text);
    const lease = await takeLease(documentsOf(store, folder.path), 'backup', terms, makeCall({ log }));
    store.before = () => {
      throw new HoldfastError('TARGET_UNREACHABLE', 'the cable is out');
    };
    await lease.renew();
    expect(said.join()).toContain('the cable is out');
    store.before = () => {};
    await lease.renew();
    await lease.end(call);
    expect(store.names()).toContain(`leases/${lease.id}.1`);
  });

  test('that a collector has fenced notices it at its next renewal', async () => {
    await using folder = await temporaryFolder();
    const store = new MemoryStore();
    const documents = documentsOf(store, folder.path);
    const lease = await takeLease(documents, 'backup', terms, call);
    await lease.renew();
    lease.assertHeld();
    const fence = { version: 1, lease: lease.id, state: 'fenced', fencedAt: 5 };
    await documents.put(documents.seal(commitName(lease.id), fence), call);
    await lease.renew();
    expect(() => lease.assertHeld()).toThrow(expect.objectContaining({ code: 'LEASE_LOST' }));
    await lease.end(call);
  });
});

describe('leases of readers', () => {
  test('many readers share one, which ends when the repository is closed', async () => {
    await using folder = await temporaryFolder();
    const store = new MemoryStore();
    const leases = new ReadLeases(documentsOf(store, folder.path), terms);
    const held = await Promise.all(Array.from({ length: 20 }, () => leases.hold(call)));
    for (const one of held) await one[Symbol.asyncDispose]();
    await using _again = await leases.hold(call);
    expect(store.names()).toHaveLength(1);
    await leases.close();
    expect(store.names()[1]).toMatch(/\.end$/);
  });

  test.each(['TARGET_READ_ONLY', 'TARGET_FULL'] as const)('a store that answers %s can still be read', async (code) => {
    await using folder = await temporaryFolder();
    const store = new MemoryStore();
    store.before = (operation) => {
      if (operation === 'put') throw new HoldfastError(code, 'no');
    };
    const leases = new ReadLeases(documentsOf(store, folder.path), terms);
    await using held = await leases.hold(call);
    expect(held.listed.size).toBe(0);
    await leases.close();
  });
});

describe('the commit', () => {
  const prepared = async (store: MemoryStore, folder: string) => {
    const documents = documentsOf(store, folder);
    const lease = 'e'.repeat(32);
    const name = manifestName('0'.repeat(32), 'f'.repeat(32));
    const sealed = documents.seal(name, manifest(lease, 1));
    const commit: Committed = {
      version: 1,
      lease,
      state: 'committed',
      manifest: name,
      sha256: sealed.sha256,
      runs: [],
      committedAt: 2,
    };
    return { documents, sealed, commit, name: commitName(lease) };
  };

  test('comes after the manifest', async () => {
    await using folder = await temporaryFolder();
    const store = new MemoryStore();
    const { documents, sealed, commit, name } = await prepared(store, folder.path);
    const order: string[] = [];
    store.before = (operation, object) => void order.push(`${operation} ${object}`);
    await commitPoint(documents, sealed, commit, call);
    expect(order).toEqual([`put ${sealed.name}`, `put ${name}`]);
  });

  test('of a writer that a collector has fenced is refused, and the restore point does not exist', async () => {
    await using folder = await temporaryFolder();
    const store = new MemoryStore();
    const { documents, sealed, commit, name } = await prepared(store, folder.path);
    const fence = documents.seal(name, { version: 1, lease: commit.lease, state: 'fenced', fencedAt: 5 });
    await documents.put(fence, call);
    await expect(commitPoint(documents, sealed, commit, call)).rejects.toMatchObject({ code: 'LEASE_LOST' });
    expect(store.objects.get(name)).toEqual(Uint8Array.from(fence.sealed));
  });

  test('that the store has taken although it says otherwise is recognised as our own', async () => {
    await using folder = await temporaryFolder();
    const store = new MemoryStore();
    const { documents, sealed, commit, name } = await prepared(store, folder.path);
    const ours = documents.seal(name, commit).sealed;
    store.before = (operation, object) => {
      if (operation === 'put' && object === name) store.objects.set(name, ours);
    };
    await commitPoint(documents, sealed, commit, call);
  });

  test('that the store could not take is not taken for granted', async () => {
    await using folder = await temporaryFolder();
    const store = new MemoryStore();
    const { documents, sealed, commit, name } = await prepared(store, folder.path);
    store.before = (operation, object) => {
      if (operation === 'put' && object === name) throw new HoldfastError('TARGET_FULL', 'full');
    };
    await expect(commitPoint(documents, sealed, commit, call)).rejects.toMatchObject({ code: 'TARGET_FULL' });
  });
});
