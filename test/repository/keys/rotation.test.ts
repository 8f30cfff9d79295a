import { HoldfastError, isHoldfastError, makeCall, type ObjectStore } from '@holdfast/api';
import { describe, expect, test } from 'vitest';
import type { Repository, Unlock } from '../../../core/repository/contract.ts';
import { insideOf } from '../../../core/repository/copy/inside.ts';
import { generationName, readyName } from '../../../core/repository/keys/generations.ts';
import { openRepository } from '../../../core/repository/open.ts';
import { type Lab, openLab, passphrase, protect, restoreDisk, testOptions } from '../lab.ts';
import { sampleDisk } from '../sample-disks.ts';
import { MemoryStore } from '../stores.ts';

const call = makeCall();
const MIB = 1024 * 1024;
const inline = { workers: 0 };

const secretsOf = (lab: Pick<Lab, 'words'>): Unlock[] => [{ passphrase }, { recoveryWords: lab.words }];

/** The generation that a sealed object names. */
function generationOf(store: MemoryStore, name: string): number {
  const bytes = Buffer.from(store.objects.get(name) ?? []);
  return bytes.readUInt32LE(name.startsWith('packs/') || name.startsWith('index/') ? 8 : 4);
}

async function bytesOf(lab: Lab, repository: Repository, point: string): Promise<Buffer> {
  const { bytes, failure } = await restoreDisk(lab, repository, point, 'vda');
  if (failure !== null) throw failure;
  return bytes;
}

describe('rotating the keys', () => {
  test('writes everything new with new keys, and both old and new open with every secret there was', async () => {
    const store = new MemoryStore();
    await using lab = await openLab(store);
    await lab.repository.addPassphrase({ passphrase: 'another one' }, 'second', call);
    const before = sampleDisk('before', 2 * MIB);
    const after = sampleDisk('after', 2 * MIB);
    const old = await protect(lab, lab.repository, 'web', { vda: before }, { takenAt: 1000 });
    const there = new Set(store.names());
    const oldKeys = store.names('keys/');
    const rotation = await lab.repository.rotateKeys([...secretsOf(lab), { passphrase: 'another one' }], call);
    expect(rotation.generation).toBe(2);
    expect(store.names('keys/')).toHaveLength(3);
    expect(store.names('keys/').filter((name) => oldKeys.includes(name))).toEqual([]);
    expect((await lab.repository.keys(call)).map(({ label }) => label).sort()).toEqual([
      'passphrase',
      'recovery words',
      'second',
    ]);
    const fresh = await protect(lab, lab.repository, 'web', { vda: after }, { takenAt: 2000 });
    const written = store.names().filter((name) => !there.has(name) && /^(packs|index|commits|manifests)\//.test(name));
    expect(written.length).toBeGreaterThan(3);
    expect(new Set(written.map((name) => generationOf(store, name)))).toEqual(new Set([2]));
    for (const [i, unlock] of [...secretsOf(lab), { passphrase: 'another one' }].entries()) {
      const opened = await lab.reopen(unlock, `cache-${i}`);
      expect((await bytesOf(lab, opened, old.point)).equals(before)).toBe(true);
      expect((await bytesOf(lab, opened, fresh.point)).equals(after)).toBe(true);
    }
    expect((await lab.repository.check('full', call)).damage).toEqual([]);
    expect((await lab.repository.rotateKeys([...secretsOf(lab), { passphrase: 'another one' }], call)).generation).toBe(
      3,
    );
  });

  test('is refused, and nothing is changed, when a secret is missing, wrong, or a key damaged', async () => {
    const store = new MemoryStore();
    await using lab = await openLab(store, inline);
    const { info } = { info: await lab.repository.addPassphrase({ passphrase: 'another one' }, 'second', call) };
    const before = store.digest();
    const failure = await lab.repository.rotateKeys(secretsOf(lab), call).catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ code: 'KEY_SECRET_MISSING' });
    expect(String(failure)).toContain(info.id);
    expect(String(failure)).toContain('second');
    const wrong = [...secretsOf(lab), { passphrase: 'a wrong one' }];
    await expect(lab.repository.rotateKeys(wrong, call)).rejects.toMatchObject({ code: 'PASSPHRASE_WRONG' });
    expect(store.digest()).toBe(before);
    const key = store.objects.get(`keys/${info.id}`) ?? new Uint8Array();
    store.objects.set(`keys/${info.id}`, key.slice(0, 100));
    await expect(lab.repository.rotateKeys(secretsOf(lab), call)).rejects.toMatchObject({
      code: 'REPOSITORY_DAMAGED',
      facts: { object: `keys/${info.id}` },
    });
    await lab.repository.removeKey(info.id, call);
    expect((await lab.repository.rotateKeys(secretsOf(lab), call)).generation).toBe(2);
  });

  test('is learned by a process that was open all the time, which meanwhile wrote what everybody can read', async () => {
    const store = new MemoryStore();
    await using lab = await openLab(store);
    const other = await lab.reopen(undefined, 'other');
    const disks = [0, 1, 2].map((n) => sampleDisk(`shared ${n}`, MIB));
    const [a = Buffer.alloc(0), b = Buffer.alloc(0), c = Buffer.alloc(0)] = disks;
    // A writer that has begun goes on with what it knows.
    const first = await protect(lab, other, 'web', { vda: a }, { takenAt: 1000 });
    await lab.repository.rotateKeys(secretsOf(lab), call);
    const second = await protect(lab, lab.repository, 'web', { vda: b }, { takenAt: 2000 });
    expect((await bytesOf(lab, other, second.point)).equals(b)).toBe(true);
    // What others have written with the new keys is known before anything is written.
    const blank = await lab.reopen(undefined, 'blank');
    await lab.repository.rotateKeys(secretsOf(lab), call);
    await protect(lab, lab.repository, 'cousin', { vda: sampleDisk('newest', MIB) });
    const packs = store.names('packs/');
    await protect(lab, blank, 'nephew', { vda: sampleDisk('newest', MIB) });
    expect(store.names('packs/')).toEqual(packs);
    const third = await protect(lab, other, 'web', { vda: c }, { takenAt: 3000 });
    for (const [point, disk] of [
      [first, a],
      [second, b],
      [third, c],
    ] as const) {
      expect((await bytesOf(lab, lab.repository, point.point)).equals(disk)).toBe(true);
    }
    expect(generationOf(store, `commits/${third.point}`)).toBe(3);
    expect((await other.check('full', call)).damage).toEqual([]);
  });

  test('that a key did not see says so wherever it matters, and its index does not take what it cannot open for empty', async () => {
    const store = new MemoryStore();
    await using lab = await openLab(store, inline);
    const stale = new Map([...store.objects].filter(([name]) => name.startsWith('keys/')));
    await lab.repository.rotateKeys(secretsOf(lab), call);
    const disk = sampleDisk('stale', MIB);
    const { point } = await protect(lab, lab.repository, 'web', { vda: disk });
    const good = new Map([...store.objects].filter(([name]) => name.startsWith('keys/')));
    for (const name of good.keys()) store.objects.delete(name);
    for (const [name, bytes] of stale) store.objects.set(name, bytes);
    const warnings: string[] = [];
    const telling = makeCall({ log: (level, text) => void (level === 'warn' && warnings.push(text)) });
    const options = testOptions(`${lab.folder}/stale`, inline);
    const blind = await openRepository(store, { passphrase }, options, telling);
    expect(warnings.join()).toContain('generation 2');
    await expect(blind.open(point, call)).rejects.toMatchObject({
      code: 'REPOSITORY_DAMAGED',
      remedy: expect.stringContaining('another passphrase or the recovery words'),
    });
    await blind.stats(call);
    const decisions = [
      () => blind.check('fast', call),
      () => blind.rebuildIndex(call),
      () => blind.collect({}, call),
      () => blind.planRepair('fast', call),
      () => blind.repair({ damage: [], acts: [] }, call),
    ];
    for (const decide of decisions) {
      await expect(decide()).rejects.toMatchObject({ code: 'REPOSITORY_DAMAGED', facts: { generation: 2 } });
    }
    await blind.close();
    for (const [name, bytes] of good) store.objects.set(name, bytes);
    const seeing = await lab.reopen(undefined, 'stale');
    const packs = store.names('packs/');
    await protect(lab, seeing, 'sibling', { vda: disk });
    expect(store.names('packs/')).toEqual(packs);
    expect((await bytesOf(lab, seeing, point)).equals(disk)).toBe(true);
  });

  test('never lets two that rotate at once mean different keys by one number', async () => {
    const store = new MemoryStore();
    await using lab = await openLab(store, inline);
    const other = await lab.reopen(undefined, 'other');
    const ends = await Promise.allSettled([
      lab.repository.rotateKeys(secretsOf(lab), call),
      other.rotateKeys(secretsOf(lab), call),
    ]);
    for (const end of ends) {
      if (end.status === 'rejected') expect(isHoldfastError(end.reason, 'KEY_SECRET_MISSING')).toBe(true);
    }
    const disk = sampleDisk('two', MIB);
    const one = await protect(lab, lab.repository, 'web', { vda: disk }, { takenAt: 1000 });
    const two = await protect(lab, other, 'web', { vda: disk }, { takenAt: 2000 });
    const third = await lab.reopen(undefined, 'third');
    await third.rotateKeys(secretsOf(lab), call);
    for (const unlock of secretsOf(lab)) {
      const opened = await lab.reopen(unlock, `after-${'passphrase' in unlock}`);
      for (const { point } of [one, two]) expect((await bytesOf(lab, opened, point)).equals(disk)).toBe(true);
    }
    expect((await third.keys(call)).length).toBe(2);
  });

  test('is learned by all who read at once, not by the first of them alone', async () => {
    const store = new MemoryStore();
    await using lab = await openLab(store, inline);
    const other = await lab.reopen(undefined, 'other');
    await lab.repository.rotateKeys(secretsOf(lab), call);
    const disk = sampleDisk('with new keys', MIB);
    const { point } = await protect(lab, lab.repository, 'web', { vda: disk });
    const all = await Promise.all([1, 2, 3].map(() => other.verify(point, call)));
    expect(all.map(({ damage }) => damage)).toEqual([[], [], []]);
  });

  test('reaches a key that is added while something else in the same process learns of it', async () => {
    const store = new MemoryStore();
    await using lab = await openLab(store, inline);
    const other = await lab.reopen(undefined, 'other');
    let point = '';
    store.before = async (operation, name) => {
      if (operation !== 'put' || !name.startsWith('keys/')) return;
      store.before = () => {};
      await lab.repository.rotateKeys(secretsOf(lab), call);
      ({ point } = await protect(lab, lab.repository, 'web', { vda: sampleDisk('late', MIB) }));
      await other.verify(point, call);
    };
    await other.addPassphrase({ passphrase: 'late' }, 'late', call);
    const late = await lab.reopen({ passphrase: 'late' }, 'late');
    expect((await late.verify(point, call)).damage).toEqual([]);
  });

  test('finds a key that is added at the same time, by whichever of the two comes last', async () => {
    const store = new MemoryStore();
    await using lab = await openLab(store, inline);
    const other = await lab.reopen(undefined, 'other');
    // The rotation happens between the moment at which the new key is made and that at which it is put.
    store.before = async (operation, name) => {
      if (operation !== 'put' || !name.startsWith('keys/')) return;
      store.before = () => {};
      await lab.repository.rotateKeys(secretsOf(lab), call);
    };
    await other.addPassphrase({ passphrase: 'late' }, 'late', call);
    const { point } = await protect(lab, lab.repository, 'web', { vda: sampleDisk('late', MIB) });
    const late = await lab.reopen({ passphrase: 'late' }, 'late');
    expect((await late.verify(point, call)).damage).toEqual([]);
    expect(store.names('keys/')).toHaveLength(3);
    // And the other way round: the rotation meets a key whose secret it was not given.
    store.before = async (operation, name) => {
      if (operation !== 'put' || !name.startsWith('keys/')) return;
      store.before = () => {};
      await other.addPassphrase({ passphrase: 'later' }, 'later', call);
    };
    const secrets = [...secretsOf(lab), { passphrase: 'late' }];
    await expect(lab.repository.rotateKeys(secrets, call)).rejects.toMatchObject({ code: 'KEY_SECRET_MISSING' });
    expect(store.names(readyName(3))).toEqual([]);
    const again = await lab.repository.rotateKeys([...secrets, { passphrase: 'later' }], call);
    expect(again.generation).toBe(3);
    expect(store.names('keys/')).toHaveLength(4);
  });

  test('whose old keys cannot be removed is done all the same', async () => {
    const store = new MemoryStore();
    await using lab = await openLab(store, inline);
    store.before = (operation) => {
      if (operation === 'remove') throw new HoldfastError('TARGET_READ_ONLY', 'objects can only be added here');
    };
    expect((await lab.repository.rotateKeys(secretsOf(lab), call)).generation).toBe(2);
    expect(store.names('keys/')).toHaveLength(4);
    store.before = () => {};
    // Whoever tidies up must not remove all that hold the new keys.
    const newest = [...(await lab.repository.keys(call))].slice(2).map(({ id }) => id);
    await lab.repository.removeKey(newest[0] ?? '', call);
    await expect(lab.repository.removeKey(newest[1] ?? '', call)).rejects.toMatchObject({ code: 'KEY_LAST' });
    expect((await lab.repository.rotateKeys(secretsOf(lab), call)).generation).toBe(3);
    const { point } = await protect(lab, lab.repository, 'web', { vda: sampleDisk('append', MIB) });
    for (const unlock of secretsOf(lab)) {
      const opened = await lab.reopen(unlock, `append-${'passphrase' in unlock}`);
      expect((await opened.verify(point, call)).damage).toEqual([]);
    }
    expect(store.names('keys/')).toHaveLength(2);
  });

  test('goes on being possible when the word that a generation is ready is damaged', async () => {
    const store = new MemoryStore();
    await using lab = await openLab(store, inline);
    await lab.repository.rotateKeys(secretsOf(lab), call);
    const { point } = await protect(lab, lab.repository, 'web', { vda: sampleDisk('word', MIB) });
    const bytes = store.objects.get(readyName(2));
    if (bytes !== undefined) bytes[30] = (bytes[30] ?? 0) ^ 1;
    const opened = await lab.reopen(undefined, 'word');
    expect(insideOf(opened).secrets.current).toBe(1);
    expect((await opened.verify(point, call)).damage).toEqual([]);
    expect((await opened.check('fast', call)).damage.map(({ object }) => object)).toEqual([readyName(2)]);
    expect((await opened.rotateKeys(secretsOf(lab), call)).generation).toBe(3);
    expect(insideOf(opened).secrets.current).toBe(3);
  });

  describe.each([
    ['before', (store: MemoryStore, n: number) => dieBefore(store, n)],
    ['after a put of', (store: MemoryStore, n: number) => dieAfterPut(store, n)],
  ] as const)('killed %s any operation', (_when, die) => {
    test('leaves a repository that every secret opens, in which nothing is lost and the next rotation is done', async () => {
      const origin = new MemoryStore();
      await using lab = await openLab(origin, inline);
      const disk = sampleDisk('killed', 512 * 1024);
      const { point } = await protect(lab, lab.repository, 'web', { vda: disk });
      let rounds = 0;
      for (let n = 1; ; n++) {
        const store = origin.copy();
        const opened = await openIn(store, `${lab.folder}/dying-${n}`, { passphrase });
        die(store, n);
        const end = await opened.rotateKeys(secretsOf(lab), call).catch((thrown: unknown) => thrown);
        const isDone = !(end instanceof Error);
        // What it would still write if it went on knowing what it knows.
        store.before = () => {};
        store.after = () => {};
        const more = await protect(lab, opened, 'web', { vda: disk }, { takenAt: 1_700_000_001_000 + n });
        await opened.close();
        for (const [i, unlock] of secretsOf(lab).entries()) {
          await using reader = await openIn(store, `${lab.folder}/reader-${n}-${i}`, unlock);
          for (const one of [point, more.point]) expect((await bytesOf(lab, reader, one)).equals(disk)).toBe(true);
        }
        await using next = await openIn(store, `${lab.folder}/next-${n}`, { recoveryWords: lab.words });
        await next.rotateKeys(secretsOf(lab), call);
        expect(store.names('keys/')).toHaveLength(2);
        expect((await next.check('fast', call)).damage).toEqual([]);
        expect(store.names(generationName(2))[0]).toBe(generationName(2));
        rounds++;
        if (isDone) break;
      }
      expect(rounds).toBeGreaterThan(4);
    }, 120_000);
  });
});

const killed = (): HoldfastError => new HoldfastError('TARGET_IO', 'the process was killed here');

function dieBefore(store: MemoryStore, n: number): void {
  let count = 0;
  store.before = () => {
    if (++count >= n) throw killed();
  };
}

function dieAfterPut(store: MemoryStore, n: number): void {
  let count = 0;
  store.before = () => {
    if (count >= n) throw killed();
  };
  store.after = () => {
    if (++count >= n) throw killed();
  };
}

async function openIn(store: ObjectStore, cache: string, unlock: Unlock): Promise<Repository & AsyncDisposable> {
  const repository = await openRepository(store, unlock, testOptions(cache, inline), call);
  return Object.assign(repository, { [Symbol.asyncDispose]: () => repository.close() });
}
