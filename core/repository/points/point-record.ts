import type { PointSummary } from '@holdfast/api';
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
