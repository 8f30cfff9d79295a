import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeCall } from '@holdfast/api';
import { openDataPlane } from '../../core/repository/data/open.ts';
import type { DiskContents } from '../../core/repository/disk-contents.ts';
import { inChild, processorSeconds, tellTaken } from './scale/steps.ts';
import { putMaps } from './scale/synthetic-maps.ts';
import { PACK_CHUNKS, putRuns, SyntheticStore, secrets, suite } from './scale/synthetic-repository.ts';

/**
 * What a collection of ten million chunks takes: following the maps of all restore points to every chunk, twice, as each collection that removes
 * something does. Disk maps and index are real, data packs are named only. `--points` is restore points of each disk of 64 GiB.
 */
const { values } = parseArgs({
  options: {
    chunks: { type: 'string', default: '10000000' },
    points: { type: 'string', default: '30' },
    folder: { type: 'string', default: tmpdir() },
    step: { type: 'string' },
    at: { type: 'string', default: '' },
  },
});
const packs = Math.ceil(Number(values.chunks) / PACK_CHUNKS);
const call = makeCall({ log: (level, text) => console.error(level, text) });
const LIMIT_SECONDS = (60 * 2 * Number(values.chunks)) / 10_000_000;
const LIMIT_MIB = (256e6 + 2 * Math.max(0, Number(values.chunks) - 10_000_000)) / 2 ** 20;

const open = (at: string) =>
  openDataPlane({
    store: new SyntheticStore(join(at, 'repository'), packs),
    suite,
    secrets,
    cacheFolder: join(at, 'cache'),
    workers: 2,
    level: 1,
  });

const steps: Record<string, (at: string) => Promise<Readonly<Record<string, number | string>>>> = {
  async 'make the repository'(at) {
    putRuns(join(at, 'repository'), 0, packs);
    writeFileSync(
      join(at, 'disks.json'),
      JSON.stringify(putMaps(join(at, 'repository'), packs, Number(values.points))),
    );
    return {};
  },
  async 'fill the cache'(at) {
    const plane = await open(at);
    await plane.refresh(call);
    await plane.close();
    return {};
  },
  async 'mark twice'(at) {
    const disks = JSON.parse(readFileSync(join(at, 'disks.json'), 'utf8')) as DiskContents[];
    const plane = await open(at);
    const before = processorSeconds();
    await plane.collector().mark(disks, call);
    const once = processorSeconds() - before;
    const mark = await plane.collector().mark(disks, call);
    const dead = [...mark.packs.keys()].filter((pack) => mark.liveBytes(pack) === 0).length;
    if (mark.missing > 0 || dead > 0) throw new Error(`${mark.missing} chunks are missing, ${dead} packs are dead`);
    await plane.close();
    return { disks: disks.length, packs: mark.packs.size, firstSeconds: once };
  },
};

if (values.step !== undefined) tellTaken((await steps[values.step]?.(values.at)) ?? {});
else {
  const folder = await mkdtemp(join(values.folder, 'holdfast-bench-collection-'));
  try {
    for (const step of Object.keys(steps)) {
      const args = ['--chunks', values.chunks, '--points', values.points, '--step', step, '--at', folder];
      const taken = await inChild(import.meta.filename, args);
      console.log(step, taken);
      if (step !== 'mark twice') continue;
      const met = (isMet: boolean): string => (isMet ? 'met' : 'MISSED');
      console.log(
        `processor ${taken.cpuSeconds.toFixed(1)} s of ${LIMIT_SECONDS} s (a minute on two processors for each ten million): ${met(taken.cpuSeconds <= LIMIT_SECONDS)}`,
      );
      console.log(
        `memory ${taken.peakMiB.toFixed(0)} MiB of ${LIMIT_MIB.toFixed(0)}: ${met(taken.peakMiB <= LIMIT_MIB)}`,
      );
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
