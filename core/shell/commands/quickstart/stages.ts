import { type Call, HoldfastError, isHoldfastError } from '@holdfast/api';
import type { Site } from '../../contract.ts';
import { formatBytes, formatCount } from '../../format/numbers.ts';
import { takeInventory } from '../../lookup/machines.ts';
import type { QuickstartFolder } from './folder.ts';
import type { Narrator } from './narrator.ts';
import { bytesIn, type Data, numberIn, recordIn, recordsIn, textIn } from './read.ts';

const machine = 'demo';
const endpoint = 'lab';
const target = 'main';

/** What stands before the first protection. */
export interface Prepared {
  readonly machine: string;
  readonly dataBytes: number;
  readonly files: number;
  readonly fileSystem: string;
  /** Whether repository and machine are those of an earlier quickstart. */
  readonly isReused: boolean;
}

/** Steps one and two: the repository, then the machine. What an earlier quickstart left whole is used again. */
export async function prepare(
  site: Site,
  place: QuickstartFolder,
  size: string,
  tell: Narrator,
  call: Call,
): Promise<Prepared> {
  tell.say(
    place.isKnown
      ? `Going on in ${place.folder}, where an earlier quickstart was (--fresh begins anew)`
      : `Trying Holdfast out in ${place.folder}; nothing outside it is changed`,
  );
  const { config } = await site.config();
  const hasTarget = Object.hasOwn(config.targets, target);
  await tell.step(
    hasTarget
      ? 'Use the encrypted, deduplicating repository that is there'
      : 'Make an encrypted, deduplicating repository',
    async () => {
      if (hasTarget) await openEarlier(site, place, call);
      else await tell.command('init', { target, path: place.backup, recoveryFile: place.words });
    },
    () => `recovery words in ${place.words}`,
  );
  if (!hasTarget) {
    tell.warn(
      'in earnest, print the recovery words, put them away and remove the file: who has them can read every backup',
    );
  }
  const known = await labMachine(place, tell);
  const made = await tell.step(
    known === null
      ? `Make a sample machine whose disk holds ${size} of real files`
      : 'Use the sample machine that is there',
    async () => known ?? (await makeMachine(place, size, site, tell)),
    (data) =>
      `${machine}: ${formatCount(numberIn(data, 'files'))} files, ${formatBytes(bytesIn(data, 'dataBytes'))}, on ${textIn(data, 'fileSystem')}`,
  );
  if (!Object.hasOwn((await site.config()).config.endpoints, endpoint)) {
    await tell.command('endpoint.add', { name: endpoint, use: 'kvm', path: place.machines });
  }
  return {
    machine,
    dataBytes: bytesIn(made, 'dataBytes'),
    files: numberIn(made, 'files'),
    fileSystem: textIn(made, 'fileSystem'),
    isReused: hasTarget && known !== null,
  };
}

/** An earlier quickstart may have been cut off before its repository was whole. */
async function openEarlier(site: Site, place: QuickstartFolder, call: Call): Promise<void> {
  try {
    await site.repository(target, call);
  } catch (problem) {
    if (!isHoldfastError(problem) || problem.code === 'CANCELLED') throw problem;
    throw new HoldfastError(
      problem.code,
      `what an earlier quickstart left in ${place.folder} cannot be used: ${problem.message}`,
      {
        remedy: 'add `--fresh` to begin anew',
        cause: problem,
      },
    );
  }
}

/** The sample machine of an earlier quickstart, `null` when there is none. */
async function labMachine(place: QuickstartFolder, tell: Narrator): Promise<Data | null> {
  if (!place.isKnown) return null;
  const { data } = await tell.answer('lab.list', { folder: place.machines });
  return recordsIn({ machines: data }, 'machines').find(({ name }) => name === machine) ?? null;
}

function makeMachine(place: QuickstartFolder, size: string, site: Site, tell: Narrator) {
  // Where the system has too few files, those of this program make up for it.
  return tell.command('lab.make', { name: machine, folder: place.machines, size, from: [site.programFolder] });
}

/** A name for the restored machine that nothing has yet. */
export async function restoredName(site: Site, of: string, call: Call): Promise<string> {
  const { seen } = await takeInventory(site, [endpoint], call);
  const taken = new Set(seen.map((one) => one.machine.name));
  const base = `${of}-restored`;
  for (let number = 2, name = base; ; number += 1) {
    if (!taken.has(name)) return name;
    name = `${base}-${number}`;
  }
}

/** How two machines compare. */
export interface Compared {
  readonly isEqual: boolean;
  readonly comparedBytes: number;
  readonly files: number;
  readonly fileBytes: number;
}

async function diskOf(site: Site, name: string, call: Call): Promise<string> {
  const { seen } = await takeInventory(site, [endpoint], call);
  const disk = seen.find((one) => one.machine.name === name)?.machine.disks[0];
  if (disk !== undefined) return disk.location;
  throw new HoldfastError('MACHINE_NOT_FOUND', `${name} has no disk to compare`);
}

/** Compares the disks of two machines. */
export async function compare(site: Site, tell: Narrator, left: string, right: string, call: Call): Promise<Compared> {
  const data = await tell.command('lab.compare', {
    left: await diskOf(site, left, call),
    right: await diskOf(site, right, call),
  });
  const files = recordIn(data, 'files');
  return {
    isEqual: data.equal === true,
    comparedBytes: bytesIn(recordIn(data, 'bytes'), 'comparedBytes'),
    files: numberIn(files, 'files'),
    fileBytes: bytesIn(files, 'bytes'),
  };
}
