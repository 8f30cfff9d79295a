import { makeCall } from '@holdfast/api';
import { describe, expect, test } from 'vitest';
import { createRepository } from '../../core/repository/create.ts';
import { openRepository } from '../../core/repository/open.ts';
import { openLab, passphrase, protect, restoreDisk, testOptions } from './lab.ts';
import { machine, temporaryFolder } from './paper.ts';
import { changedDisk, rawImage, sampleDisk } from './sample-disks.ts';
import { MemoryStore } from './stores.ts';

const call = makeCall();
const MIB = 1024 * 1024;

describe('a repository', () => {
  test('gives back byte for byte what was protected, in this process and in the next', async () => {
    await using lab = await openLab(new MemoryStore());
    const vda = sampleDisk('vda', 9 * MIB + 512);
    const vdb = sampleDisk('vdb', MIB);
    const point = await protect(lab, lab.repository, 'm1', { vda, vdb }, { takenAt: 5 });
    expect(point).toEqual({ target: 'here', point: point.point, machine: 'm1', takenAt: 5 });
    for (const repository of [
      lab.repository,
      await lab.reopen(),
      await lab.reopen({ recoveryWords: lab.words }, 'new'),
    ]) {
      for (const [key, bytes] of Object.entries({ vda, vdb })) {
        const restored = await restoreDisk(lab, repository, point.point, key);
        expect(restored.failure).toBeNull();
        expect(restored.bytes.equals(bytes)).toBe(true);
      }
    }
  });

  test('lists restore points newest first, of one machine or of all', async () => {
    await using lab = await openLab(new MemoryStore());
    const vda = sampleDisk('vda', MIB);
    const one = await protect(lab, lab.repository, 'm1', { vda }, { takenAt: 1 });
    const three = await protect(lab, lab.repository, 'm1', { vda }, { takenAt: 3 });
    const two = await protect(lab, lab.repository, 'm2', { vda }, { takenAt: 2 });
    const all = await lab.repository.points({}, call);
    expect(all.map(({ point }) => point)).toEqual([three.point, two.point, one.point]);
    expect(all[0]).toMatchObject({
      target: 'here',
      machine: 'm1',
      machineName: 'machine m1',
      endpoint: 'lab',
      sizeBytes: MIB,
      disks: [{ key: 'vda', sizeBytes: MIB, format: 'raw', changeToken: 'token of 3' }],
    });
    const ofOne = await lab.repository.points({ endpoint: 'lab', machine: 'm1' }, call);
    expect(ofOne.map(({ point }) => point)).toEqual([three.point, one.point]);
    const opened = await lab.repository.open(two.point, call);
    expect(opened.machine).toEqual(machine('m2'));
    expect(opened.sources).toEqual([
      { kind: 'repository', target: 'here', point: two.point, disk: 'vda', sizeBytes: MIB },
    ]);
  });

  test('stores what it has already only once', async () => {
    await using lab = await openLab(new MemoryStore());
    const vda = sampleDisk('vda', 4 * MIB);
    await protect(lab, lab.repository, 'm1', { vda }, { takenAt: 1 });
    const before = await lab.repository.stats(call);
    await protect(lab, await lab.reopen(), 'm2', { vda }, { takenAt: 2 });
    const after = await lab.repository.stats(call);
    expect(after.chunks).toBe(before.chunks);
    expect(after.points).toBe(2);
    expect(after.machines).toBe(2);
    expect(after.logicalBytes).toBe(2 * before.logicalBytes);
    expect(after.storedBytes - before.storedBytes).toBeLessThan(10_000);
  });

  test('an increment reads only what changed, and restores whole', async () => {
    await using lab = await openLab(new MemoryStore());
    const vda = sampleDisk('vda', 12 * MIB);
    const full = await protect(lab, lab.repository, 'm1', { vda }, { takenAt: 1 });
    const change = changedDisk(vda, 'x', 20);
    const move = { vda: { extents: change.extents, base: full.point } };
    const increment = await protect(lab, lab.repository, 'm1', { vda: change.disk }, { takenAt: 2, move });
    for (const [point, bytes] of [
      [full, vda],
      [increment, change.disk],
    ] as const) {
      const restored = await restoreDisk(lab, lab.repository, point.point, 'vda');
      expect(restored.failure).toBeNull();
      expect(restored.bytes.equals(bytes)).toBe(true);
    }
  });

  test('extents without a base are not trusted to be all there is', async () => {
    await using lab = await openLab(new MemoryStore());
    const vda = sampleDisk('vda', 4 * MIB);
    const move = { vda: { extents: [{ offset: 0, length: 4096 }] } };
    const point = await protect(lab, lab.repository, 'm1', { vda }, { move });
    expect((await restoreDisk(lab, lab.repository, point.point, 'vda')).bytes.equals(vda)).toBe(true);
  });

  test('an increment upon another machine, or upon a disk of another size, becomes a full read', async () => {
    await using lab = await openLab(new MemoryStore());
    const small = sampleDisk('vda', 4 * MIB);
    const other = await protect(lab, lab.repository, 'm1', { vda: small });
    const grown = Buffer.concat([sampleDisk('grown', 4 * MIB), sampleDisk('more', MIB)]);
    for (const id of ['m1', 'm2']) {
      const move = { vda: { extents: [{ offset: 0, length: 4096 }], base: other.point } };
      const bytes = id === 'm1' ? grown : sampleDisk('third', 4 * MIB);
      const point = await protect(lab, lab.repository, id, { vda: bytes }, { move });
      expect((await restoreDisk(lab, lab.repository, point.point, 'vda')).bytes.equals(bytes)).toBe(true);
    }
  });

  test('a range of a disk can be read without restoring it', async () => {
    await using lab = await openLab(new MemoryStore());
    const vda = sampleDisk('vda', 6 * MIB);
    const { point } = await protect(lab, lab.repository, 'm1', { vda });
    for (const range of [null, { offset: 0, length: 0 }, { offset: 1_234_567, length: 2_345_678 }]) {
      const parts: Uint8Array[] = [];
      for await (const part of lab.repository.read(point, 'vda', range, call)) parts.push(Uint8Array.from(part));
      const { offset, length } = range ?? { offset: 0, length: vda.length };
      expect(Buffer.concat(parts).equals(vda.subarray(offset, offset + length))).toBe(true);
    }
  });

  test('what is not committed does not exist, whatever was stored of it', async () => {
    await using lab = await openLab(new MemoryStore());
    const writer = await lab.repository.begin({ endpoint: 'lab', id: 'm1' }, call);
    await writer.write('vda', await rawImage(lab.folder, 'a.raw', sampleDisk('a', 2 * MIB)), {}, call);
    expect(await lab.repository.points({}, call)).toEqual([]);
    await expect(lab.repository.open(writer.id, call)).rejects.toMatchObject({ code: 'POINT_NOT_FOUND' });
    await writer.abandon(call);
    await writer.abandon(call);
    expect(await lab.repository.points({}, call)).toEqual([]);
    expect((await lab.repository.check('full', call)).damage).toEqual([]);
  });

  test('a commit that is cancelled commits nothing and leaves nothing in the way', async () => {
    await using lab = await openLab(new MemoryStore());
    const vda = sampleDisk('a', 2 * MIB);
    const controller = new AbortController();
    const cancelling = makeCall({ signal: controller.signal });
    controller.abort();
    await expect(protect(lab, lab.repository, 'm1', { vda }, { call: cancelling })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    expect(await lab.repository.points({}, call)).toEqual([]);
    const { point } = await protect(lab, lab.repository, 'm1', { vda });
    expect((await restoreDisk(lab, lab.repository, point, 'vda')).bytes.equals(vda)).toBe(true);
  });

  test('is written in the order that the format promises: lease, then listing, then packs, index, manifest, commit, end', async () => {
    const store = new MemoryStore();
    await using lab = await openLab(store);
    const order: string[] = [];
    store.before = (operation, name) => void order.push(`${operation} ${name.replace(/\/.*(?=\.end$)|\/.*/, '/')}`);
    await protect(lab, lab.repository, 'm1', { vda: sampleDisk('a', MIB) });
    const inOrder = (first: string, then: string): void => {
      expect(order).toContain(first);
      expect(order).toContain(then);
      expect(order.lastIndexOf(first)).toBeLessThan(order.indexOf(then));
    };
    inOrder('put leases/', 'list packs/');
    inOrder('put leases/', 'put packs/');
    inOrder('put packs/', 'put index/');
    inOrder('put index/', 'put manifests/');
    inOrder('put manifests/', 'put commits/');
    inOrder('put commits/', 'put leases/.end');
    expect(order.filter((operation) => operation.startsWith('remove'))).toEqual([]);
  });

  test('a writer that a collector has fenced cannot commit', async () => {
    const store = new MemoryStore();
    await using lab = await openLab(store);
    const writer = await lab.repository.begin({ endpoint: 'lab', id: 'm1' }, call);
    await writer.write('vda', await rawImage(lab.folder, 'a.raw', sampleDisk('a', MIB)), {}, call);
    await store.put(`commits/${writer.id}`, Buffer.from('whatever a collector puts'), { ifAbsent: true }, call);
    const meta = {
      machine: machine('m1'),
      endpoint: 'lab',
      takenAt: 1,
      consistency: 'crash',
      frozenMs: 0,
      run: 'r',
      disks: [{ key: 'vda', sizeBytes: MIB, format: 'raw', changeToken: null }],
    } as const;
    await expect(writer.commit(meta, call)).rejects.toMatchObject({ code: 'LEASE_LOST' });
    await writer.abandon(call);
    expect(await lab.repository.points({}, call)).toEqual([]);
  });

  test('forgets what it is told to, but for the newest of a machine', async () => {
    await using lab = await openLab(new MemoryStore());
    const vda = sampleDisk('a', MIB);
    const old = await protect(lab, lab.repository, 'm1', { vda }, { takenAt: 1 });
    const fresh = await protect(lab, lab.repository, 'm1', { vda }, { takenAt: 2 });
    await expect(lab.repository.forget([old.point, fresh.point], 'test', call)).rejects.toMatchObject({
      code: 'POINT_NEWEST',
    });
    await lab.repository.forget([old.point], 'test', call);
    expect((await lab.repository.points({}, call)).map(({ point }) => point)).toEqual([fresh.point]);
    await expect(lab.repository.open(old.point, call)).rejects.toMatchObject({ code: 'POINT_NOT_FOUND' });
    expect((await lab.repository.check('full', call)).damage).toEqual([]);
  });
});

describe('making and opening a repository', () => {
  test('a second one in the same place is refused and leaves the first alone', async () => {
    const store = new MemoryStore();
    await using lab = await openLab(store);
    const before = store.digest();
    const again = createRepository(store, { passphrase: 'x' }, testOptions(lab.folder), call);
    await expect(again).rejects.toMatchObject({ code: 'REPOSITORY_EXISTS' });
    expect(store.digest()).toBe(before);
  });

  test('of two that make one at once, one wins and the other leaves nothing behind', async () => {
    await using folder = await temporaryFolder();
    const store = new MemoryStore();
    const make = (secret: string) => createRepository(store, { passphrase: secret }, testOptions(folder.path), call);
    const outcomes = await Promise.allSettled([make('one'), make('two')]);
    const won = outcomes.findIndex(({ status }) => status === 'fulfilled');
    const lost = outcomes[1 - won];
    expect(lost).toMatchObject({ status: 'rejected', reason: { code: 'REPOSITORY_EXISTS' } });
    expect(store.names()).toHaveLength(3);
    const unlock = { passphrase: won === 0 ? 'one' : 'two' };
    await (await openRepository(store, unlock, testOptions(folder.path), call)).close();
  });

  test('a creation that failed half-way leaves no keys, and the next one succeeds', async () => {
    await using folder = await temporaryFolder();
    const store = new MemoryStore();
    store.before = (operation, name) => {
      if (operation === 'put' && name === 'format.json') throw new Error('no answer');
    };
    await expect(createRepository(store, { passphrase }, testOptions(folder.path), call)).rejects.toThrow('no answer');
    expect(store.names()).toEqual([]);
    store.before = () => {};
    await createRepository(store, { passphrase }, testOptions(folder.path), call);
  });

  test('an empty place, a wrong passphrase and a lost format.json are told apart', async () => {
    const store = new MemoryStore();
    await using lab = await openLab(store);
    await protect(lab, lab.repository, 'm1', { vda: sampleDisk('a', MIB) });
    const open = (place: MemoryStore, secret = passphrase) =>
      openRepository(place, { passphrase: secret }, testOptions(lab.folder), call);
    await expect(open(new MemoryStore())).rejects.toMatchObject({ code: 'REPOSITORY_NOT_FOUND' });
    await expect(open(store, 'wrong')).rejects.toMatchObject({ code: 'PASSPHRASE_WRONG' });
    const without = store.copy();
    without.objects.delete('format.json');
    await expect(open(without)).rejects.toMatchObject({ code: 'REPOSITORY_DAMAGED' });
    await expect(createRepository(without, { passphrase }, testOptions(lab.folder), call)).rejects.toMatchObject({
      code: 'REPOSITORY_EXISTS',
    });
  });

  test('a repository of a newer version is refused before any key is tried', async () => {
    const store = new MemoryStore();
    await using lab = await openLab(store);
    const newer = store.copy();
    const format = Buffer.from(newer.objects.get('format.json') ?? '').toString('utf8');
    newer.objects.set('format.json', Buffer.from(format.replace('"version": 1', '"version": 2')));
    newer.before = (operation, name) => {
      if (operation === 'get' && name.startsWith('keys/')) throw new Error('a key was read');
    };
    const open = openRepository(newer, { passphrase }, testOptions(lab.folder), call);
    await expect(open).rejects.toMatchObject({ code: 'REPOSITORY_NEWER' });
  });

  test('the recovery words alone open it when every passphrase is lost, and make a new one', async () => {
    const store = new MemoryStore();
    await using lab = await openLab(store);
    const { point } = await protect(lab, lab.repository, 'm1', { vda: sampleDisk('a', MIB) });
    for (const key of await lab.repository.keys(call)) {
      if (key.kind === 'passphrase') store.objects.delete(`keys/${key.id}`);
    }
    await expect(lab.reopen()).rejects.toMatchObject({ code: 'PASSPHRASE_WRONG' });
    const repository = await lab.reopen({ recoveryWords: lab.words }, 'elsewhere');
    expect((await restoreDisk(lab, repository, point, 'vda')).failure).toBeNull();
    await repository.addPassphrase({ passphrase: 'a new one' }, 'after the loss', call);
    await lab.reopen({ passphrase: 'a new one' });
  });

  test('keys can be added and removed, but for the last', async () => {
    const store = new MemoryStore();
    await using lab = await openLab(store);
    const added = await lab.repository.addPassphrase({ passphrase: 'second' }, 'colleague', call);
    const more = await lab.repository.addRecovery('safe', call);
    expect((await lab.repository.keys(call)).map(({ kind }) => kind).sort()).toEqual([
      'passphrase',
      'passphrase',
      'recovery',
      'recovery',
    ]);
    await lab.reopen({ passphrase: 'second' });
    await lab.reopen({ recoveryWords: more.words });
    await lab.repository.removeKey(added.id, call);
    await expect(lab.reopen({ passphrase: 'second' })).rejects.toMatchObject({ code: 'PASSPHRASE_WRONG' });
    await expect(lab.repository.removeKey(added.id, call)).rejects.toMatchObject({ code: 'KEY_NOT_FOUND' });
    const rest = await lab.repository.keys(call);
    for (const key of rest.slice(1)) await lab.repository.removeKey(key.id, call);
    await expect(lab.repository.removeKey(rest[0]?.id ?? '', call)).rejects.toMatchObject({ code: 'KEY_LAST' });
  });

  test('neither the passphrase nor the words nor a master key is stored or logged in the clear', async () => {
    const store = new MemoryStore();
    const said: string[] = [];
    const loud = makeCall({ log: (_, text) => said.push(text) });
    await using lab = await openLab(store);
    await protect(lab, lab.repository, 'm1', { vda: sampleDisk('a', MIB) }, { call: loud });
    const everything = Buffer.concat([...store.objects.values(), Buffer.from(said.join())]).toString('latin1');
    expect(everything).not.toContain(passphrase);
    expect(everything).not.toContain(lab.words.split(' ').slice(0, 3).join(' '));
    expect(everything).not.toContain('machine m1');
  });
});
