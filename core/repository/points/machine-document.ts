import type { Machine, MachineConfig, MachineDisk } from '@holdfast/api';
import type { Fields } from '../documents/fields.ts';

const DISK_FORMATS = ['raw', 'qcow2', 'vmdk', 'vhd', 'vhdx'] as const;
const DISK_KINDS = ['virtual', 'raw-virtual', 'raw-physical'] as const;
const MAX_CONFIG = 16 * 1024 * 1024;
const MAX_DISKS = 4096;

function parseDisk(fields: Fields): MachineDisk {
  return {
    key: fields.text('key'),
    sizeBytes: fields.integer('sizeBytes'),
    ...(fields.has('allocatedBytes') ? { allocatedBytes: fields.integer('allocatedBytes') } : {}),
    format: fields.oneOf('format', DISK_FORMATS),
    kind: fields.oneOf('kind', DISK_KINDS),
    location: fields.text('location', 65_536),
  };
}

function parseConfig(fields: Fields): MachineConfig {
  return { mediaType: fields.text('mediaType'), text: fields.text('text', MAX_CONFIG) };
}

/**
 * The machine as the hypervisor described it when the restore point was made.
 * @throws {HoldfastError} `REPOSITORY_DAMAGED`
 */
export function parseMachine(fields: Fields): Machine {
  return {
    id: fields.text('id'),
    name: fields.text('name'),
    power: fields.oneOf('power', ['on', 'off', 'suspended', 'unknown']),
    place: fields.text('place', 65_536),
    tags: fields.texts('tags', 65_536, /^.{0,4096}$/su),
    disks: fields.objects('disks', MAX_DISKS).map(parseDisk),
    ...(fields.has('guest') ? { guest: fields.text('guest') } : {}),
    ...(fields.has('memoryBytes') ? { memoryBytes: fields.integer('memoryBytes') } : {}),
    ...(fields.has('cpus') ? { cpus: fields.integer('cpus') } : {}),
    ...(fields.has('config') ? { config: parseConfig(fields.object('config')) } : {}),
    ...(fields.has('problem') ? { problem: fields.text('problem', 65_536) } : {}),
  };
}
