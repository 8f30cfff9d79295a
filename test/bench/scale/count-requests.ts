import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type FileSource, makeCall } from '@holdfast/api';
import type { Repository } from '../../../core/repository/contract.ts';
import { createRepository } from '../../../core/repository/create.ts';
import { openRepository } from '../../../core/repository/open.ts';
import { machine } from '../../repository/paper.ts';
import { noise } from '../../repository/sample-disks.ts';
import { FolderStore } from '../../repository/stores.ts';
import { type Counted, CountingStore, requestsOf } from './counting-store.ts';

const MIB = 1024 * 1024;
const call = makeCall();
const passphrase = 'a passphrase of several words';

/** What one thing that was done asked of the store. */
export interface Requests {
  readonly what: 'full' | '2 % changed' | 'nothing changed' | 'collection' | 'check, fast';
  readonly requests: Counted;
  readonly putBytes: number;
  readonly largestPackBytes: number;
}

/** PUTs for each GiB of a backup that stores ten: packs as full as the fullest, one that is not full for each thread, and all that is not a pack once. */
export function putsPerGiB({ requests, largestPackBytes }: Requests, workers: number): number {
  const GIB = 1024 ** 3;
  const { 'put packs': packs = 0 } = requests;
  const once = requestsOf(requests, 'put') - packs;
  return ((10 * GIB) / largestPackBytes + workers + once) / 10;
}

/** Writes a disk of data that does not shrink; when it is changed, a fiftieth of each mebibyte is of another seed. */
async function writeDisk(path: string, sizeBytes: number, isChanged: boolean): Promise<FileSource> {
  const file = await open(path, 'w');
  try {
    for (let at = 0; at < sizeBytes; at += MIB) {
      const mebibyte = at / MIB;
      const bytes = noise(`mebibyte ${mebibyte}`, MIB);
      if (isChanged) noise(`changed ${mebibyte}`, 20 * 1024).copy(bytes, 512 * 1024);
      await file.write(bytes, 0, MIB, at);
    }
  } finally {
    await file.close();
  }
  return { kind: 'file', path, format: 'raw', chain: [], sizeBytes };
}

async function protect(repository: Repository, source: FileSource, takenAt: number): Promise<string> {
  const writer = await repository.begin({ endpoint: 'lab', id: 'm1' }, call);
  await writer.write('vda', source, {}, call);
  const { sizeBytes } = source;
  const disks = [{ key: 'vda', sizeBytes, format: 'raw' as const, changeToken: null }];
  const point = await writer.commit(
    { machine: machine('m1'), endpoint: 'lab', takenAt, consistency: 'crash', frozenMs: 0, run: 'bench', disks },
    call,
  );
  // As every run does.
  await repository.saveCatalog(catalog, call);
  return point.point;
}

const catalog = { site: 'bench', target: 'here', schema: 1, bytes: noise('catalog', MIB) };

/**
 * Backs a machine up in full, with a fiftieth changed and with nothing changed, checks, forgets and collects, opening the repository anew
 * for each as a command does, and counts what the store is asked for.
 */
export async function countRequests(folder: string, sizeBytes: number, workers: number): Promise<readonly Requests[]> {
  const store = new CountingStore(new FolderStore(join(folder, 'repository')));
  const options = {
    target: 'here',
    cacheFolder: join(folder, 'cache'),
    workers,
    level: 1,
    passphraseCost: { N: 16, r: 8, p: 1 },
  };
  await createRepository(store, { passphrase }, options, call);
  const path = join(folder, 'disk.raw');
  const counted: Requests[] = [];
  const count = async <T>(what: Requests['what'], work: (repository: Repository) => Promise<T>): Promise<T> => {
    store.take();
    const repository = await openRepository(store, { passphrase }, options, call);
    try {
      return await work(repository);
    } finally {
      await repository.close();
      counted.push({ what, ...store.take() });
    }
  };
  const whole = await writeDisk(path, sizeBytes, false);
  const first = await count('full', (repository) => protect(repository, whole, 1));
  const changed = await writeDisk(path, sizeBytes, true);
  await count('2 % changed', (repository) => protect(repository, changed, 2));
  await count('nothing changed', (repository) => protect(repository, changed, 3));
  await rm(path);
  await count('check, fast', (repository) => repository.check('fast', call));
  const repository = await openRepository(store, { passphrase }, options, call);
  await repository.forget([first], 'bench', call);
  await repository.close();
  await count('collection', (opened) => opened.collect({}, call));
  return counted;
}
