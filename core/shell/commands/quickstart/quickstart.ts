import { join, resolve } from 'node:path';
import type { Call } from '@holdfast/api';
import type { ShellHandler, Site } from '../../contract.ts';
import { formatBytes, formatCount } from '../../format/numbers.ts';
import { isSet, textOf, textOrNull } from '../../registry/argument-values.ts';
import { detailView, textCell } from '../../view/build.ts';
import { type QuickstartFolder, takeFolder } from './folder.ts';
import { Narrator } from './narrator.ts';
import { bytesIn, moved, numberIn, textIn } from './read.ts';
import { type Figures, report } from './report.ts';
import { compare, type Prepared, prepare, restoredName } from './stages.ts';

const stepCount = 8;
const changedPercent = 2;

/** The tour: eight steps, each made of the commands that the visitor will use later. */
async function tour(site: Site, place: QuickstartFolder, size: string, call: Call): Promise<Figures> {
  const tell = new Narrator(site, stepCount, call);
  const prepared: Prepared = await prepare(site, place, size, tell, call);
  const { machine } = prepared;
  const protect = () => tell.command('protect', { machines: [machine], to: 'main' });
  const told = (figures: ReturnType<typeof moved>): string =>
    `read ${formatBytes(figures.readBytes)}, ${formatBytes(figures.newBytes)} of it new, stored ${formatBytes(figures.storedBytes)} compressed and encrypted`;
  const first = await tell.step(
    'Protect it: snapshot, then read through the proxy into the repository',
    protect,
    (data) => told(moved(data)),
  );
  const changed = await tell.step(
    `Change ${changedPercent} % of its data, as a day’s work would`,
    () => tell.command('lab.change', { name: machine, folder: place.machines, percent: changedPercent }),
    (data) => `${formatBytes(bytesIn(data, 'changedBytes'))} in ${formatCount(numberIn(data, 'changedFiles'))} files`,
  );
  const second = await tell.step('Protect it again: only what changed is sent and stored', protect, (data) =>
    told(moved(data)),
  );
  const restoredAs = await restoredName(site, machine, call);
  const restored = await tell.step(
    'Restore the newest restore point as a new machine',
    () => tell.command('restore.machine', { name: machine, as: restoredAs }),
    () => `${restoredAs} stands beside ${machine}`,
  );
  const compared = await tell.step(
    'Compare the two machines, byte for byte and file for file',
    () => compare(site, tell, machine, restoredAs, call),
    ({ isEqual, comparedBytes, files }) =>
      isEqual ? `equal: ${formatBytes(comparedBytes)}, ${formatCount(files)} files` : 'NOT equal',
  );
  const checked = await tell.step(
    'Verify the repository: every byte read back, decrypted and hashed',
    () => tell.command('repository.check', { target: 'main', full: true }),
    (data) =>
      `whole: ${formatCount(numberIn(data, 'points'))} restore points, ${formatCount(numberIn(data, 'chunks'))} chunks`,
  );
  const stats = await tell.command('repository.stats', { target: 'main' });
  return {
    place,
    prepared,
    restoredAs,
    first: moved(first),
    changedBytes: bytesIn(changed, 'changedBytes'),
    second: moved(second),
    restoreMs: numberIn(restored, 'durationMs'),
    compared,
    checkedPoints: numberIn(checked, 'points'),
    storedBytes: bytesIn(stats, 'storedBytes'),
    logicalBytes: bytesIn(stats, 'logicalBytes'),
    repository: textIn(stats, 'id'),
  };
}

export const run: ShellHandler = async (site, args, call) => {
  const folder = resolve(textOrNull(args, 'folder') ?? join(site.folders.data, 'quickstart'));
  const size = textOf(args, 'size');
  if (isSet(args, 'dryRun')) {
    const text = `makes a repository and a sample machine of ${size} in ${folder}, protects it twice, restores it, compares it, and verifies the repository`;
    return {
      data: { dryRun: true, folder, size },
      view: detailView('Quickstart', [['plan', 'Would', textCell(text)]]),
    };
  }
  const startedAt = site.now();
  const place = await takeFolder(folder, isSet(args, 'fresh'));
  await using own = site.at(folder);
  const figures = await tour(own, place, size, call);
  call.log('info', '');
  return report(figures, own, own.now() - startedAt);
};
