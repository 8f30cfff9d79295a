import type { Call } from '@holdfast/api';
import type { CheckReport } from '../contract.ts';
import type { DataPlane } from '../data-plane.ts';
import type { Manifest } from '../points/manifest.ts';
import type { PointRecord } from '../points/point-record.ts';
import { DamageReport } from './damage-report.ts';

/** Reads all disks of a restore point back; see `Repository.verify`. */
export async function verifyPoint(
  record: PointRecord,
  manifest: Manifest,
  plane: DataPlane,
  now: () => number,
  call: Call,
): Promise<CheckReport> {
  const startedAt = now();
  const report = new DamageReport();
  const object = record.commit.manifest;
  for (const disk of manifest.disks) {
    for (const { offset, length } of await plane.verifyDisk(disk, call)) {
      report.add(
        object,
        'damaged',
        'it names chunks that are missing or damaged; `holdfast repository check` names the packs',
      );
      report.concern(object, { point: record.summary.point, disk: disk.key, offset, length });
    }
  }
  const { packs } = await plane.totals();
  return {
    tier: 'full',
    points: 1,
    packs,
    chunks: manifest.disks.reduce((sum, disk) => sum + disk.chunks, 0),
    bytes: manifest.disks.reduce((sum, disk) => sum + disk.dataBytes, 0),
    damage: report.list(),
    durationMs: now() - startedAt,
  };
}
