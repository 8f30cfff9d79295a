import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeCall } from '@holdfast/api';
import { expect, test } from 'vitest';
import { prove, withRepository } from './backup.ts';
import { whyNoStrace } from './inject.ts';
import { emptyRepository } from './kill-rounds.ts';
import { type Outcome, runChild } from './run-child.ts';

const SIZE_BYTES = 1024 * 1024;

const missing = whyNoStrace();
if (missing !== null) console.log(`NOT RUN: folders without hard links, because ${missing}`);
const unless = missing === null ? '' : ` (NOT RUN: ${missing})`;

test.skipIf(missing !== null)(
  `backups and collections of one host work on a file system that refuses every hard link${unless}`,
  async () => {
    await using made = await emptyRepository(SIZE_BYTES, { silentAfterMs: 600 });
    const { places } = made;
    const log = join(made.folder, 'strace.log');
    const calls = 'link,linkat';
    const strace = ['strace', '-f', '-qqq', '-o', log, '-e', 'signal=none'];
    const wrapper = [...strace, '-e', `trace=${calls}`, '-e', `inject=${calls}:error=EPERM`];
    const run = async (act: 'backup' | 'collect', round: number): Promise<Outcome> => {
      const outcome = await runChild({ ...places, act, round }, wrapper);
      expect([outcome.exitCode, outcome.errors]).toEqual([0, '']);
      expect(await readFile(log, 'utf8')).toContain('(INJECTED)');
      return outcome;
    };
    const points = [(await run('backup', 1)).committed ?? '', (await run('backup', 2)).committed ?? ''];
    await withRepository(places, (repository) => repository.forget([points[0] ?? ''], 'retention', makeCall()));
    await run('collect', 0);
    await run('collect', 0);
    const last = (await run('backup', 3)).committed ?? '';
    await withRepository(places, (repository) => prove(repository, places, new Set([points[1] ?? '', last])));
  },
  120_000,
);
