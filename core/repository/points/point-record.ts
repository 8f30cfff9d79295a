import type { PointSummary } from '@holdfast/api';
import type { Fields } from '../documents/fields.ts';
import type { Committed } from './commit-document.ts';
import type { Manifest } from './manifest.ts';

/** What is kept in memory of a restore point; its manifest is opened again when it is needed. */
export interface PointRecord {
  readonly summary: PointSummary;
  readonly commit: Committed;
  /** Sum of the disks' data, in bytes. */
  readonly dataBytes: number;
}

/** What the listing shows of a manifest and its commit. */
export function recordOf(manifest: Manifest, commit: Committed, target: string): PointRecord {
  return {
    summary: {
      target,
      point: commit.lease,
      machine: manifest.machine.id,
      machineName: manifest.machine.name,
      endpoint: manifest.endpoint,
      takenAt: manifest.takenAt,
      committedAt: commit.committedAt,
      consistency: manifest.consistency,
      disks: manifest.disks.map(({ key, sizeBytes, format, changeToken }) => ({ key, sizeBytes, format, changeToken })),
      sizeBytes: manifest.disks.reduce((sum, disk) => sum + disk.sizeBytes, 0),
      storedBytes: manifest.storedBytes,
    },
    commit,
    dataBytes: manifest.disks.reduce((sum, disk) => sum + disk.dataBytes, 0),
  };
}

/** Reads back a summary that was kept on this machine; `target` is the name that the repository had then. */
export function parseSummary(fields: Fields): PointSummary {
  return {
    target: fields.text('target'),
    point: fields.hex('point', 16),
    machine: fields.text('machine'),
    machineName: fields.text('machineName'),
    endpoint: fields.text('endpoint'),
    takenAt: fields.integer('takenAt'),
    committedAt: fields.integer('committedAt'),
    consistency: fields.oneOf('consistency', ['crash', 'filesystem', 'application', 'memory']),
    disks: fields.objects('disks', 4096).map((disk) => ({
      key: disk.text('key'),
      sizeBytes: disk.integer('sizeBytes'),
      format: disk.oneOf('format', ['raw', 'qcow2', 'vmdk', 'vhd', 'vhdx']),
      changeToken: disk.has('changeToken') ? disk.text('changeToken', 1024 * 1024) : null,
    })),
    sizeBytes: fields.integer('sizeBytes'),
    storedBytes: fields.integer('storedBytes'),
  };
}
