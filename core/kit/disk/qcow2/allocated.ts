import { setImmediate as breathe } from 'node:timers/promises';
import type { Extent } from '@holdfast/api';
import { ExtentList, unionOf } from '../extents.ts';
import type { ImageFile } from '../image-file.ts';
import type { Qcow2Header } from './header.ts';
import { invalid } from './header.ts';
import type { ClusterTables } from './tables.ts';

const entriesPerBreath = 65_536;

/**
 * Extents that an image holds itself, together with those of the image `below` it. Takes time in proportion to the tables in
 * the file: one that leads to the same table twice, and so could make a small file look endless, is refused.
 */
export async function allocatedClusters(
  file: ImageFile,
  header: Qcow2Header,
  tables: ClusterTables,
  below: readonly Extent[],
): Promise<readonly Extent[]> {
  refuseSharedTables(file, header, tables);
  const clusterBytes = 2 ** header.clusterBits;
  const perTable = tables.clustersPerTable;
  const own = new ExtentList();
  let sinceBreath = 0;
  for (let l1Index = 0; l1Index < header.l1Entries; l1Index += 1) {
    sinceBreath += 1;
    const table = tables.l2Table(l1Index);
    if (table !== 0) {
      sinceBreath += perTable;
      for (let l2Index = 0; l2Index < perTable; l2Index += 1) {
        const { kind } = tables.clusterOf(table, l2Index);
        if (kind !== 'data' && kind !== 'compressed') continue;
        const offset = (l1Index * perTable + l2Index) * clusterBytes;
        own.add(offset, Math.min(clusterBytes, header.sizeBytes - offset));
      }
    }
    if (sinceBreath < entriesPerBreath) continue;
    sinceBreath = 0;
    await breathe();
  }
  return unionOf(own.list(), below, header.sizeBytes);
}

function refuseSharedTables(file: ImageFile, header: Qcow2Header, tables: ClusterTables): void {
  const offsets = new Float64Array(header.l1Entries);
  for (let index = 0; index < header.l1Entries; index += 1) offsets[index] = tables.l2Table(index);
  offsets.sort();
  for (let index = 1; index < offsets.length; index += 1) {
    if (offsets[index] !== 0 && offsets[index] === offsets[index - 1]) {
      throw invalid(file, 'two entries of its L1 table lead to the same L2 table');
    }
  }
}
