import type { Machine, MachineDisk } from '../../machine.ts';

/** A machine to practise on: switched off, two disks of 16 MiB. */
export function practiceMachine(id: string, name: string): Machine {
  const disk = (key: string): MachineDisk => ({
    key,
    sizeBytes: 16 * 1024 * 1024,
    allocatedBytes: 4 * 1024 * 1024,
    format: 'raw',
    kind: 'virtual',
    location: `/practice/${id}/${key}`,
  });
  return {
    id,
    name,
    power: 'off',
    place: 'practice',
    tags: [],
    disks: [disk('vda'), disk('vdb')],
    memoryBytes: 512 * 1024 * 1024,
    cpus: 1,
  };
}
