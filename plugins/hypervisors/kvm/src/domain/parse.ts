import { HoldfastError } from '@holdfast/api';
import type { Element } from './xml.ts';
import { childOf, parseXml } from './xml.ts';

/** One disk of a domain, as its XML describes it. */
export interface DomainDisk {
  /** Target device, for example `vda`. */
  readonly key: string;
  /** `file`, `block`, `network`, `volume`, … */
  readonly type: string;
  /** Driver type; `null` when it is not stated, which libvirt takes for raw. */
  readonly format: string | null;
  /** Path of the file or device; `null` when there is none. */
  readonly source: string | null;
  /** Whether it is a device that the guest sends its own SCSI commands to. */
  readonly isLun: boolean;
  /** Where it lies that is neither file nor device, for people: a storage volume, something on the network. */
  readonly elsewhere: string | null;
  /** Storage pool and name of its volume, where it is given by them. */
  readonly volume: { readonly pool: string; readonly name: string } | null;
}

/** What a libvirt domain says of a machine. */
export interface DomainFacts {
  readonly name: string | null;
  readonly uuid: string | null;
  readonly memoryBytes: number | null;
  readonly cpus: number | null;
  readonly guest: string | null;
  /** Hard disks only: a CD or floppy is not a part of the machine. */
  readonly disks: readonly DomainDisk[];
  /** What its administrator noted down for Holdfast, in metadata of the namespace `urn:holdfast:tags:1`. */
  readonly tags: readonly string[];
  readonly folder: string | null;
  /** Whether it carries our mark of a machine that is being restored. */
  readonly isHalfMade: boolean;
}

/** Namespace of tags and folder of a machine. */
export const tagsNamespace = 'urn:holdfast:tags:1';
/** Namespace of the mark on a machine that is being restored. */
export const ownerNamespace = 'urn:holdfast:owner:1';

const mostTags = 64;
const longestTag = 100;

const units: Readonly<Record<string, number>> = {
  b: 1,
  bytes: 1,
  KB: 1e3,
  k: 1024,
  KiB: 1024,
  MB: 1e6,
  M: 2 ** 20,
  MiB: 2 ** 20,
  GB: 1e9,
  G: 2 ** 30,
  GiB: 2 ** 30,
  TB: 1e12,
  T: 2 ** 40,
  TiB: 2 ** 40,
};

/** @throws `CONFIG_INVALID` when the text is no libvirt domain. */
export function parseDomain(text: string): DomainFacts {
  const domain = parseXml(text);
  if (domain.name !== 'domain') throw new HoldfastError('CONFIG_INVALID', 'its XML describes no libvirt domain');
  const disks = (childOf(domain, 'devices')?.children ?? []).filter(isHardDisk).map(diskOf);
  const keys = new Set(disks.map((disk) => disk.key));
  if (keys.size !== disks.length)
    throw new HoldfastError('CONFIG_INVALID', 'its domain XML has two disks on one target');
  return {
    name: childOf(domain, 'name')?.text ?? null,
    uuid: uuidOf(childOf(domain, 'uuid')?.text),
    memoryBytes: memoryOf(childOf(domain, 'memory')),
    cpus: countOf(childOf(domain, 'vcpu')?.text),
    guest: guestOf(domain),
    disks,
    ...notesOf(domain),
    isHalfMade: noteOf(domain, ownerNamespace) !== undefined,
  };
}

function isHardDisk(disk: Element): boolean {
  const device = disk.attributes.get('device') ?? 'disk';
  return disk.name === 'disk' && (device === 'disk' || device === 'lun');
}

function diskOf(disk: Element, index: number): DomainDisk {
  const source = childOf(disk, 'source');
  return {
    key: childOf(disk, 'target')?.attributes.get('dev') ?? `disk${index}`,
    type: disk.attributes.get('type') ?? 'file',
    format: childOf(disk, 'driver')?.attributes.get('type') ?? null,
    source: source?.attributes.get('file') ?? source?.attributes.get('dev') ?? null,
    isLun: disk.attributes.get('device') === 'lun',
    elsewhere: elsewhereOf(source),
    volume: volumeOf(source),
  };
}

function elsewhereOf(source: Element | undefined): string | null {
  const parts = ['protocol', 'pool', 'volume', 'name'].flatMap((key) => source?.attributes.get(key) ?? []);
  return parts.length === 0 ? null : parts.join(' ');
}

function volumeOf(source: Element | undefined): DomainDisk['volume'] {
  const pool = source?.attributes.get('pool');
  const name = source?.attributes.get('volume');
  return pool === undefined || name === undefined ? null : { pool, name };
}

/** The element of a namespace in the metadata, whatever its prefix is. */
function noteOf(domain: Element, namespace: string): Element | undefined {
  return childOf(domain, 'metadata')?.children.find((note) => {
    const colon = note.name.indexOf(':');
    const declared = colon < 0 ? 'xmlns' : `xmlns:${note.name.slice(0, colon)}`;
    return note.attributes.get(declared) === namespace;
  });
}

function notesOf(domain: Element): Pick<DomainFacts, 'tags' | 'folder'> {
  const note = noteOf(domain, tagsNamespace);
  const tags = (note?.children ?? [])
    .filter((child) => child.name.split(':').at(-1) === 'tag' && child.text !== '')
    .map((child) => child.text.slice(0, longestTag));
  const folder = note?.attributes.get('folder')?.slice(0, 500);
  return { tags: [...new Set(tags)].slice(0, mostTags), folder: folder?.startsWith('/') ? folder : null };
}

function uuidOf(text: string | undefined): string | null {
  const digits = (text ?? '').replaceAll('-', '').toLowerCase();
  if (!/^[0-9a-f]{32}$/.test(digits)) return null;
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function memoryOf(memory: Element | undefined): number | null {
  const amount = countOf(memory?.text);
  const unit = units[memory?.attributes.get('unit') ?? 'KiB'];
  return amount === null || unit === undefined ? null : amount * unit;
}

function countOf(text: string | undefined): number | null {
  const found = /^\d{1,15}$/.exec(text ?? '');
  return found === null ? null : Number(found[0]);
}

/** The identity of the operating system that virt-install and virt-manager note down. */
function guestOf(domain: Element): string | null {
  const os = childOf(childOf(childOf(domain, 'metadata'), 'libosinfo:libosinfo'), 'libosinfo:os');
  return os?.attributes.get('id') ?? null;
}
