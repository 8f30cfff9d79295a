import { expect, test } from 'vitest';
import { type Injection, injectUntilClean, whyNoStrace } from './inject.ts';

const missing = whyNoStrace();
if (missing !== null) console.log(`NOT RUN: the loops over failing system calls, because ${missing}`);
const unless = missing === null ? '' : ` (NOT RUN: ${missing})`;

const backups: readonly Injection[] = [
  { calls: 'fsync,fdatasync', error: 'EIO' },
  { calls: 'pwrite64,pwritev', error: 'ENOSPC' },
  { calls: 'link,linkat', error: 'EIO' },
];

const report = ({ calls, error, act = 'backup' }: Injection, figures: Awaited<ReturnType<typeof injectUntilClean>>) =>
  console.log(
    `${act}, ${calls} ${error}: ${figures.runs} runs, ${figures.injected} calls failed, ` +
      `${figures.refused} runs refused with a code, ${figures.survived} succeeded all the same, ` +
      `${figures.restores} restores byte for byte, 0 lost`,
  );

test.skipIf(missing !== null).each(backups)(
  `nothing is lost when the n-th $calls fails with $error, for every n${unless}`,
  async (injection) => {
    const figures = await injectUntilClean(injection);
    report(injection, figures);
    expect(figures.refused).toBeGreaterThan(0);
  },
  300_000,
);

const sample = 2;
const sampled: readonly Injection[] = [
  { act: 'collect', calls: 'unlink,unlinkat', error: 'EIO', sample },
  { act: 'collect', calls: 'fsync,fdatasync', error: 'EIO', sample },
  { act: 'collect', calls: 'link,linkat', error: 'ESTALE', sample },
  { act: 'collect', calls: 'pwrite64,pwritev', error: 'ENOSPC', sample },
  // What a share over the network says of a file that another host removed, or after its server was set up anew.
  { act: 'collect', calls: 'openat', error: 'ESTALE', stored: true, sample },
  { act: 'backup', calls: 'openat', error: 'ESTALE', stored: true, sample },
  { act: 'collect', calls: 'read,pread64', error: 'EIO', stored: true, sample },
];

test.skipIf(missing !== null).each(sampled)(
  `a $act loses nothing when its $calls fails with $error, at ${sample} moments; npm run soak tries every one${unless}`,
  async (injection) => {
    const figures = await injectUntilClean(injection);
    report(injection, figures);
    expect(figures.injected).toBeGreaterThan(0);
  },
  300_000,
);
