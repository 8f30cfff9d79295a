import { dirname } from 'node:path';
import type { Call, DiskFormat, Machine, MachineDisk } from '@holdfast/api';
import { HoldfastError, isHoldfastError, throwIfCancelled } from '@holdfast/api';
import type { DomainDisk, DomainFacts } from '../domain/parse.ts';
import { parseDomain } from '../domain/parse.ts';
import type { BlockInfo } from './read.ts';
import { asUuid, readBlockInfo, readDomainList, readState } from './read.ts';
import { errorsIn, type Virsh } from './virsh.ts';

/** A tag that a machine carries while it is being restored. */
export const unfinishedTag = 'being-restored';

/** A disk that can be protected. */
export interface DomainImage {
  readonly key: string;
  readonly path: string;
  /** QEMU's name of its format. */
  readonly driver: string;
  readonly sizeBytes: number;
}

/** A machine with what is needed to protect it. */
export interface FoundDomain {
  readonly machine: Machine;
  readonly images: readonly DomainImage[];
  /** Whether it is defined, or only there while it runs; looked at when one machine is asked for. */
  readonly isPersistent: boolean;
}

const volumeLimit = 1000;
const askedOneByOne = 50;
/** Domains that are asked for at a time; two passes at once keep libvirt and us busy. */
const chunk = 250;

/** Machines of a libvirt. */
export class Inventory {
  readonly #virsh: Virsh;
  readonly #place: () => Promise<string>;

  /** @param place Name of the host. */
  constructor(virsh: Virsh, place: () => Promise<string>) {
    this.#virsh = virsh;
    this.#place = place;
  }

  /** Identities and names of all machines. @throws `ENDPOINT_UNREACHABLE` */
  async names(call: Call): Promise<readonly { readonly uuid: string; readonly name: string }[]> {
    const said = await this.#virsh.run(['list', '--all', '--uuid', '--name'], {
      signal: call.signal,
      maxBytes: 16 * 1024 * 1024,
    });
    return readDomainList(said);
  }

  async *list(call: Call): AsyncGenerator<FoundDomain> {
    const all = (await this.names(call)).map(({ uuid }) => uuid);
    const chunks = Array.from({ length: Math.ceil(all.length / chunk) }, (_, n) =>
      all.slice(n * chunk, (n + 1) * chunk),
    );
    let next = chunks[0] === undefined ? null : settled(this.#inspect(chunks[0], call));
    for (let n = 0; next !== null; n += 1) {
      const current: Promise<Settled> = next;
      const following = chunks[n + 1];
      next = following === undefined ? null : settled(this.#inspect(following, call));
      const done = await current;
      throwIfCancelled(call.signal, 'listing machines');
      if ('failed' in done) throw done.failed;
      yield* done.found;
    }
  }

  /** @throws `MACHINE_NOT_FOUND`, `ENDPOINT_UNREACHABLE` */
  async find(id: string, call: Call): Promise<FoundDomain> {
    const uuid = asUuid(id);
    const [found] = uuid === null ? [] : await this.#inspect([uuid], call);
    if (found !== undefined) return found;
    throw new HoldfastError(
      'MACHINE_NOT_FOUND',
      `there is no machine ${id.slice(0, 80)} in ${this.#virsh.host.title}`,
      {
        facts: { machine: id.slice(0, 200) },
      },
    );
  }

  async #inspect(uuids: readonly string[], call: Call): Promise<readonly FoundDomain[]> {
    const commands = uuids.flatMap((uuid) => [
      ['dumpxml', uuid, '--inactive'],
      ['domstate', uuid],
      ['domblkinfo', uuid, '--all'],
      // Asked of one machine only: of many it would cost a quarter of the time.
      uuids.length === 1 ? ['dominfo', uuid] : ['echo', 'not asked'],
    ]);
    const [place, answers] = await Promise.all([this.#place(), this.#virsh.batch(commands, { signal: call.signal })]);
    const found: FoundDomain[] = [];
    let asked = 0;
    for (const [index, uuid] of uuids.entries()) {
      const [xml = '', state = '', blocks = '', info = ''] = answers.slice(index * 4, index * 4 + 4);
      // It went while the others were looked at.
      if (xml.trim() === '' && state.trim() === '') continue;
      const facts = parsed(xml);
      let sizes = readBlockInfo(blocks);
      const why = new Map<string, string>();
      const wanted = isHoldfastError(facts) ? [] : facts.disks.filter((disk) => isFile(disk) && !sizes.has(disk.key));
      if (wanted.length > 0 && asked < askedOneByOne) {
        asked += 1;
        sizes = await this.#oneByOne(uuid, wanted, sizes, why, call);
      }
      const paths = isHoldfastError(facts) ? new Map<string, string>() : await this.#volumes(facts, call);
      found.push(describe({ uuid, xml: xml.trim(), facts, power: readState(state), sizes, why, paths, place, info }));
    }
    return found;
  }

  /** A disk that is missing hides the sizes of all others of its machine: they are asked for one at a time, with what is said. */
  async #oneByOne(
    uuid: string,
    disks: readonly DomainDisk[],
    known: ReadonlyMap<string, BlockInfo>,
    why: Map<string, string>,
    call: Call,
  ): Promise<ReadonlyMap<string, BlockInfo>> {
    const sizes = new Map(known);
    for (const { key } of disks.slice(0, 64)) {
      const done = await this.#virsh.attempt(['domblkinfo', uuid, key], { signal: call.signal });
      const capacity = /^Capacity:\s+(\d{1,15})\s*$/m.exec(done.stdout)?.[1];
      const allocation = /^Allocation:\s+(\d{1,15})\s*$/m.exec(done.stdout)?.[1];
      if (capacity === undefined) why.set(key, errorsIn(done.stderr));
      else
        sizes.set(key, {
          capacity: Number(capacity),
          allocation: allocation === undefined ? null : Number(allocation),
        });
    }
    return sizes;
  }

  /** Where volumes of storage pools lie that disks are given by. */
  async #volumes(facts: DomainFacts, call: Call): Promise<ReadonlyMap<string, string>> {
    const volumes = facts.disks.filter((disk) => disk.volume !== null).slice(0, volumeLimit);
    if (volumes.length === 0) return new Map();
    const commands = volumes.map(({ volume }) => [
      'vol-path',
      '--pool',
      volume?.pool ?? '',
      '--vol',
      volume?.name ?? '',
    ]);
    const answers = await this.#virsh.batch(commands, { signal: call.signal });
    return new Map(
      volumes.flatMap(({ key }, index) => {
        const path = answers[index]?.trim() ?? '';
        return path.startsWith('/') && !path.startsWith('/dev/') ? [[key, path] as const] : [];
      }),
    );
  }
}

type Settled = { readonly found: readonly FoundDomain[] } | { readonly failed: unknown };

/** A pass that runs ahead may fail before anybody waits for it. */
const settled = (work: Promise<readonly FoundDomain[]>): Promise<Settled> =>
  work.then(
    (found) => ({ found }),
    (failed: unknown) => ({ failed }),
  );

function parsed(xml: string): DomainFacts | HoldfastError {
  try {
    return parseDomain(xml);
  } catch (thrown) {
    if (isHoldfastError(thrown)) return thrown;
    throw thrown;
  }
}

interface Looked {
  readonly uuid: string;
  readonly xml: string;
  readonly facts: DomainFacts | HoldfastError;
  readonly power: Machine['power'];
  readonly sizes: ReadonlyMap<string, BlockInfo>;
  readonly why: ReadonlyMap<string, string>;
  readonly paths: ReadonlyMap<string, string>;
  readonly place: string;
  readonly info: string;
}

const isFile = (disk: DomainDisk): boolean => disk.type === 'file' || disk.type === 'volume';

/** What is wrong with a machine becomes its `problem`; it is listed all the same. */
function describe({ uuid, xml, facts, power, sizes, why, paths, place, info }: Looked): FoundDomain {
  const isPersistent = !/^Persistent:\s+no\s*$/m.test(info);
  const base = { id: uuid, power, place, host: place };
  if (isHoldfastError(facts))
    return { images: [], isPersistent, machine: { ...base, name: uuid, tags: [], disks: [], problem: facts.message } };
  const problems: string[] = [];
  const images: DomainImage[] = [];
  const disks = facts.disks.map((disk): MachineDisk => {
    const info = sizes.get(disk.key);
    const path = disk.source ?? paths.get(disk.key) ?? null;
    const driver = disk.format ?? 'raw';
    if (isFile(disk)) {
      const problem = problemOf(disk, path, info, why.get(disk.key));
      if (problem !== null) problems.push(problem);
      else if (path !== null && info !== undefined)
        images.push({ key: disk.key, path, driver, sizeBytes: info.capacity });
    } else if (disk.type !== 'block')
      problems.push(`disk ${disk.key} lies on ${disk.elsewhere ?? disk.type}, which is not read`);
    return {
      key: disk.key,
      sizeBytes: info?.capacity ?? 0,
      ...(info?.allocation == null ? {} : { allocatedBytes: info.allocation }),
      format: formatOf(driver),
      kind: disk.isLun ? 'raw-physical' : disk.type === 'block' ? 'raw-virtual' : 'virtual',
      location: path ?? disk.elsewhere ?? 'unknown',
      ...storageOf(disk, path),
    };
  });
  if (images.length === 0 && problems.length === 0) problems.push('it has no disk that can be protected');
  if (facts.isHalfMade) problems.push('it is being restored');
  return {
    images,
    isPersistent,
    machine: {
      ...base,
      name: facts.name ?? uuid,
      tags: facts.isHalfMade ? [...facts.tags, unfinishedTag] : facts.tags,
      ...(facts.folder === null ? {} : { folder: facts.folder }),
      disks,
      ...(facts.guest === null ? {} : { guest: facts.guest }),
      ...(facts.memoryBytes === null ? {} : { memoryBytes: facts.memoryBytes }),
      ...(facts.cpus === null ? {} : { cpus: facts.cpus }),
      config: { mediaType: 'application/x-libvirt+xml', text: xml },
      ...(problems.length === 0 ? {} : { problem: problems.join('; ') }),
    },
  };
}

function problemOf(
  disk: DomainDisk,
  path: string | null,
  info: BlockInfo | undefined,
  why: string | undefined,
): string | null {
  if (path === null) return `disk ${disk.key} has no image`;
  // Such a path is taken apart by what reads it line by line; nobody has one by intent.
  if (!path.startsWith('/') || /[\u0000-\u001f\u007f]/.test(path))
    return `disk ${disk.key} has an image with an impossible path`;
  if (!/^[A-Za-z0-9_-]{1,32}$/.test(disk.key))
    return `its disk ${JSON.stringify(disk.key.slice(0, 40))} has an impossible name`;
  if (info === undefined) return `disk ${disk.key} cannot be looked at: ${why ?? 'libvirt does not tell its size'}`;
  return info.capacity > 0 ? null : `disk ${disk.key} is empty`;
}

const formats: Readonly<Record<string, DiskFormat>> = { qcow2: 'qcow2', vmdk: 'vmdk', vpc: 'vhd', vhdx: 'vhdx' };
/** What QEMU reads and this product has no name for is read through QEMU, byte by byte as the guest sees it. */
const formatOf = (driver: string): DiskFormat => formats[driver] ?? 'raw';

function storageOf(disk: DomainDisk, path: string | null): { readonly storage?: string } {
  if (disk.volume !== null) return { storage: disk.volume.pool };
  return path === null ? {} : { storage: dirname(path) };
}
