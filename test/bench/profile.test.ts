import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { sharesOf } from './profile.ts';
import { boundsOf } from './report.ts';

const frame = (functionName: string, url = '') => ({ functionName, url });

/** Two seconds of zstd called from the store, one of collection, one of loading modules, and three of waiting. */
const profile = {
  nodes: [
    { id: 1, callFrame: frame('(root)'), children: [2, 3, 4, 7] },
    { id: 2, callFrame: frame('(idle)') },
    { id: 3, callFrame: frame('(garbage collector)') },
    { id: 4, callFrame: frame('put', 'file:///x/core/repository/data/write/chunk-store.ts'), children: [5] },
    { id: 5, callFrame: frame('run', 'file:///x/core/repository/data/zstd/native-context.ts'), children: [6] },
    { id: 6, callFrame: frame('writeSync') },
    { id: 7, callFrame: frame('link', 'node:internal/modules/esm/module_job'), children: [8] },
    { id: 8, callFrame: frame('', 'file:///x/core/main.ts') },
  ],
  samples: [6, 5, 3, 8, 2],
  timeDeltas: [1_500_000, 500_000, 1_000_000, 1_000_000, 3_000_000],
};

it('tells what the processor time of a command went to, and how much of it no thread has seen', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-profile-'));
  try {
    await writeFile(join(folder, 'one.cpuprofile'), JSON.stringify(profile));
    const shares = sharesOf(folder, 5);
    expect(shares).toMatchObject({ zstd: 2, collection: 1, 'start-up': 1, unseen: 1, 'other JavaScript': 0, hash: 0 });
    expect(boundsOf({ full: shares })).toContain('| full | zstd, start-up | 40 | 20 | 20 | 20 |');
  } finally {
    await rm(folder, { recursive: true });
  }
});

it('says nothing of what bounds the figures where nothing was profiled', () => {
  expect(boundsOf(undefined)).toBe('');
});
