import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Contender, RoundResult } from '../contender.ts';
import { measure, sizeOfFolder } from '../measure.ts';
import type { Workload } from '../workload.ts';
import { refuseDifference, versionOf } from './program.ts';

/** The compressor alone: neither deduplication nor encryption nor durability. The floor under every other time. */
export const zstd: Contender = {
  name: 'zstd -1 -T2',
  version: () => versionOf(['zstd', '--version']),

  async round(folder: string, workload: Workload): Promise<RoundResult> {
    const at = { folder, warmBytes: workload.sizeBytes };
    const stored = join(folder, 'stored');
    await mkdir(stored);
    const packed = join(stored, 'vm1.zst');
    const full = await measure(['zstd', '-q', '-f', '-1', '-T2', workload.vm1c, '-o', packed], at);
    const storedBytes = sizeOfFolder(stored);
    const out = join(folder, 'vm1.raw');
    const restore = await measure(['zstd', '-q', '-f', '-d', packed, '-o', out], at);
    await refuseDifference(out, workload.vm1c);
    return { full: { ...full, storedBytes }, restore: { ...restore, storedBytes: 0 } };
  },
};
