import { existsSync } from 'node:fs';
import { basename, extname, join, resolve } from 'node:path';
import type { DiskFormat, Machine, MachineDisk } from '@holdfast/api';
import { isHoldfastError } from '@holdfast/api';
import { inspectImage } from '@holdfast/kit/disk/inspect';
import type { DomainDisk, DomainFacts } from '../domain/parse.ts';
import { parseDomain } from '../domain/parse.ts';
import { systemCode } from '../system-code.ts';
import type { FoundImage } from './chain.ts';
import { findImage, formatOf } from './chain.ts';
import type { Definition } from './definitions.ts';
import { readDocument } from './definitions.ts';
import { identityOf } from './identity.ts';
import type { ImageLocks } from './locks.ts';

/** A machine with what is needed to read its disks. */
export interface FoundMachine {
  readonly machine: Machine;
  readonly entry: string;
  /** Whether it lies in a folder of its own. */
  readonly ownFolder: boolean;
  readonly images: ReadonlyMap<string, FoundImage>;
}

/** A disk to be looked at: from a domain definition, or from the name of an image. */
interface Wanted {
  readonly key: string;
  readonly kind: MachineDisk['kind'];
  readonly path: string | null;
  readonly format: DiskFormat | null;
  /** Why it cannot be read, when that is known without looking. */
  readonly problem?: string;
}

/**
 * Looks at one machine. What is wrong with it becomes its `problem`; it is listed all the same. Answers `null` for what turns
 * out to be no machine: another kind of XML, an entry that has vanished.
 */
export async function inspectMachine(
  definition: Definition,
  root: string,
  locks: ImageLocks,
): Promise<FoundMachine | null> {
  const problems: string[] = [];
  let facts: DomainFacts | null = null;
  let text: string | null = null;
  if (definition.xml !== null) {
    try {
      text = await readDocument(definition.xml);
      facts = parseDomain(text);
    } catch (thrown) {
      if (systemCode(thrown) === 'ENOENT') return null;
      if (!isHoldfastError(thrown) && systemCode(thrown) === '') throw thrown;
      problems.push(isHoldfastError(thrown) ? thrown.message : `its domain XML cannot be read: ${systemCode(thrown)}`);
    }
  }
  const wanted = facts === null ? wantedOf(definition) : facts.disks.map((disk) => wantedDisk(disk, definition));
  const images = new Map<string, FoundImage>();
  const disks = wanted.map((disk): MachineDisk => {
    const image = disk.problem === undefined ? look(disk, root, locks, problems) : null;
    if (disk.problem !== undefined) problems.push(disk.problem);
    if (image !== null) images.set(disk.key, image);
    return {
      key: disk.key,
      sizeBytes: image?.source.sizeBytes ?? 0,
      format: disk.format ?? 'raw',
      kind: disk.kind,
      location: image?.source.path ?? disk.path ?? 'unknown',
      ...(image === null ? {} : { allocatedBytes: image.allocatedBytes }),
    };
  });
  if (disks.length === 0 && problems.length === 0) problems.push('it has no disk');
  const running = [...images.values()].some((image) => image.inUse);
  if (running) problems.unshift('it is running: QEMU has its disk open for writing');
  try {
    const id = identityOf(
      definition,
      facts?.uuid ?? null,
      [...images.values()][0]?.source.path ?? definition.images[0],
    );
    const machine = describe(definition, id, facts, text, disks, running, problems);
    return { entry: definition.entry, ownFolder: definition.ownFolder, images, machine };
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return null;
    throw thrown;
  }
}

function describe(
  definition: Definition,
  id: string,
  facts: DomainFacts | null,
  text: string | null,
  disks: readonly MachineDisk[],
  running: boolean,
  problems: readonly string[],
): Machine {
  return {
    id,
    name: facts?.name ?? nameOf(definition),
    power: running ? 'on' : 'off',
    place: definition.folder,
    tags: [],
    disks,
    ...(facts?.guest == null ? {} : { guest: facts.guest }),
    ...(facts?.memoryBytes == null ? {} : { memoryBytes: facts.memoryBytes }),
    ...(facts?.cpus == null ? {} : { cpus: facts.cpus }),
    ...(facts === null || text === null ? {} : { config: { mediaType: 'application/x-libvirt+xml', text } }),
    ...(problems.length === 0 ? {} : { problem: problems.join('; ') }),
  };
}

function look(disk: Wanted, root: string, locks: ImageLocks, problems: string[]): FoundImage | null {
  if (disk.path === null || disk.format === null) return null;
  try {
    const image = findImage(disk.path, disk.format, root, locks);
    if (image.source.sizeBytes > 0) return image;
    problems.push(`disk ${disk.key} is empty`);
  } catch (thrown) {
    if (!isHoldfastError(thrown)) throw thrown;
    problems.push(`disk ${disk.key}: ${thrown.message}`);
  }
  return null;
}

/** A disk of a domain. Devices are passed through and not protected; what is neither file nor device is a problem. */
function wantedDisk(disk: DomainDisk, definition: Definition): Wanted {
  if (disk.type === 'block') return { key: disk.key, kind: 'raw-virtual', path: disk.source, format: null };
  const base = { key: disk.key, kind: 'virtual' as const };
  if (disk.type !== 'file') {
    const problem = `disk ${disk.key} lies on ${disk.type.slice(0, 32)}, which a folder of machines does not reach`;
    return { ...base, path: null, format: null, problem };
  }
  if (disk.source === null) return { ...base, path: null, format: null, problem: `disk ${disk.key} has no image` };
  try {
    return { ...base, path: imageOf(disk.source, definition), format: formatOf(disk.format ?? 'raw') };
  } catch (thrown) {
    if (!isHoldfastError(thrown)) throw thrown;
    return { ...base, path: disk.source, format: null, problem: `disk ${disk.key}: ${thrown.message}` };
  }
}

/**
 * A definition that was copied or moved together with its images still names the place where they were: when nothing is there any more, the
 * image of that name beside it is meant.
 */
function imageOf(source: string, definition: Definition): string {
  const path = resolve(definition.folder, source);
  const beside = join(definition.folder, basename(source));
  return !existsSync(path) && existsSync(beside) ? beside : path;
}

/** Images without a definition are one machine, in order of their names; those that lie below another one are no disks of their own. */
function wantedOf(definition: Definition): readonly Wanted[] {
  const below = new Set(definition.images.flatMap((image) => backingName(image)));
  const tops = definition.images.filter((image) => !below.has(basename(image)));
  return tops.map((path, index) => {
    const key = `vd${letters(index)}`;
    try {
      return { key, kind: 'virtual', path, format: formatByName(path) };
    } catch (thrown) {
      if (!isHoldfastError(thrown)) throw thrown;
      return { key, kind: 'virtual', path, format: null, problem: `disk ${key}: ${thrown.message}` };
    }
  });
}

function backingName(image: string): readonly string[] {
  if (extname(image).toLowerCase() !== '.qcow2') return [];
  try {
    const { backing } = inspectImage(image, 'qcow2');
    return backing === null ? [] : [basename(backing.name)];
  } catch {
    return [];
  }
}

function formatByName(path: string): DiskFormat {
  const ending = extname(path).toLowerCase().slice(1);
  if (ending !== 'img') return formatOf(ending === 'vhd' ? 'vpc' : ending);
  // A guest can write whatever it likes into the first sector of a raw disk, so what a file begins with proves nothing.
  if (inspectImage(path, 'raw').looksLikeQcow2)
    return formatOf('image that begins like qcow2 and has no domain XML that says so');
  return 'raw';
}

const nameOf = (definition: Definition): string =>
  definition.ownFolder ? basename(definition.folder) : basename(definition.entry, extname(definition.entry));

/** a, b, …, z, aa, ab, …, as kernels name disks. */
function letters(index: number): string {
  const last = String.fromCharCode(97 + (index % 26));
  return index < 26 ? last : letters(Math.floor(index / 26) - 1) + last;
}
