import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeCall } from '@holdfast/api';
import { IndexKeeper } from '../../core/repository/data/index/index-keeper.ts';
import { startThreadLane } from '../../core/repository/data/lanes/started-lane.ts';
import { ThreadPool } from '../../core/repository/data/lanes/thread-pool.ts';
import { fetchPack, locatePack } from '../../core/repository/data/packs/pack-serving.ts';
import { inChild, processorSeconds, tellTaken } from './scale/steps.ts';
import { chunkIds, PACK_CHUNKS, putRuns, SyntheticStore, secrets, suite } from './scale/synthetic-repository.ts';

/**
 * The index at ten million chunks, or as many as `--chunks` says: what it takes to fetch all of it on a machine that has never seen the repository, to open
 * it where the cache is there, to look chunks up, and to take in what another machine has written. Each step is a process of its own, so that its
 * memory can be told. `--folder` is where it all lies meanwhile; nothing is left there.
 */
const { values } = parseArgs({
  options: {
    chunks: { type: 'string', default: '10000000' },
    folder: { type: 'string', default: tmpdir() },
    step: { type: 'string' },
    at: { type: 'string', default: '' },
  },
});
const chunks = Number(values.chunks);
const packs = Math.ceil(chunks / PACK_CHUNKS);
/** 256 MB, and two bytes for each chunk above ten million. */
const LIMIT_MIB = (256e6 + 2 * Math.max(0, chunks - 10_000_000)) / 2 ** 20;
const call = makeCall({ log: (level, text) => console.error(level, text) });

function open(folder: string, count: number) {
  const store = new SyntheticStore(join(folder, 'repository'), count);
  const pool: ThreadPool = new ThreadPool(
    2,
    { suite, secrets, level: 1 },
    {
      locate: (pack: string) => locatePack(store, keeper.listing, pack),
      fetch: ({ pack, offset, length }: { pack: string; offset: number; length: number }) =>
        fetchPack(store, pack, offset, length),
    },
    startThreadLane,
  );
  const keys = { repositoryId: suite.repositoryId, secrets };
  const keeper = new IndexKeeper({ store, keys, folder: join(folder, 'cache'), pool });
  return { store, keeper, pool };
}

/** Asks for chunks of packs from one on, one after the other as a thread does, and answers how many a second of processor time. */
function lookUp(keeper: IndexKeeper, from: number, count: number): { perSecond: number; found: number } {
  const { view } = keeper;
  const asked = Array.from({ length: count }, (_, i) => chunkIds(from + i));
  const words = new Int32Array(8);
  const bytes = Buffer.from(words.buffer);
  const before = processorSeconds();
  let found = 0;
  let number = 0;
  for (let chunk = 0; chunk < PACK_CHUNKS; chunk++) {
    for (const ids of asked) {
      const id = ids.subarray(chunk * 32, chunk * 32 + 32);
      bytes.set(id);
      if (view.first(id, words) !== null) found++;
      number++;
    }
  }
  return { perSecond: Math.round(number / (processorSeconds() - before)), found };
}

const steps: Record<string, (folder: string) => Promise<Record<string, number | string>>> = {
  async 'make the repository'(folder) {
    putRuns(join(folder, 'repository'), 0, packs);
    return {};
  },
  async 'first sight'(folder) {
    const { store, keeper, pool } = open(folder, packs);
    await keeper.refresh(call);
    const files = keeper.shared.files.length;
    await Promise.all([pool.close(), keeper.close()]);
    return { files, asked: told(store) };
  },
  async 'nothing changed'(folder) {
    const { store, keeper, pool } = open(folder, packs);
    await keeper.refresh(call);
    const files = keeper.shared.files.length;
    await Promise.all([pool.close(), keeper.close()]);
    return { files, asked: told(store) };
  },
  async 'look up'(folder) {
    const { keeper, pool } = open(folder, packs);
    await keeper.refresh(call);
    const misses = lookUp(keeper, packs, 1000);
    const hits = lookUp(keeper, 0, 200);
    if (misses.found > 0 || hits.found !== 200 * PACK_CHUNKS) throw new Error('the index answers wrongly');
    await Promise.all([pool.close(), keeper.close()]);
    return { missesPerSecond: misses.perSecond, hitsPerSecond: hits.perSecond };
  },
  async 'ten runs of another machine'(folder) {
    let asked = '';
    let more = packs;
    for (let run = 0; run < 10; run++, more += 180) {
      putRuns(join(folder, 'repository'), more, 180);
      const { store, keeper, pool } = open(folder, more + 180);
      await keeper.refresh(call);
      asked = told(store);
      await Promise.all([pool.close(), keeper.close()]);
    }
    return { asked };
  },
  async 'another machine at work'(folder) {
    // Its packs are listed and no index run tells of them yet.
    const { store, keeper, pool } = open(folder, packs + 1900);
    await keeper.refresh(call);
    await Promise.all([pool.close(), keeper.close()]);
    return { asked: told(store) };
  },
};

const told = (store: SyntheticStore): string => [...store.asked].map(([what, times]) => `${what} ${times}`).join(', ');

async function sizeOf(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  const sizes = await Promise.all(names.map((name) => stat(join(folder, name)).then((file) => file.size)));
  return sizes.reduce((sum, size) => sum + size, 0) / 2 ** 20;
}

if (values.step !== undefined) tellTaken((await steps[values.step]?.(values.at)) ?? {});
else {
  const folder = await mkdtemp(join(values.folder, 'holdfast-bench-index-'));
  try {
    for (const step of Object.keys(steps)) {
      const taken = await inChild(import.meta.filename, ['--chunks', `${chunks}`, '--step', step, '--at', folder]);
      const cacheMiB = await sizeOf(join(folder, 'cache'));
      console.log(step, { ...taken, cacheMiB: Math.round(cacheMiB) });
      if (step === 'make the repository') continue;
      const verdict = taken.peakMiB <= LIMIT_MIB ? 'met' : `MISSED by ${(taken.peakMiB - LIMIT_MIB).toFixed(0)} MiB`;
      console.log(`  memory ${taken.peakMiB.toFixed(0)} MiB of ${LIMIT_MIB.toFixed(0)}: ${verdict}`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
