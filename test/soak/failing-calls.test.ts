import { expect, test } from 'vitest';
import { type Injection, injectUntilClean, whyNoStrace } from '../reliability/inject.ts';

const missing = whyNoStrace();
if (missing !== null) console.log(`NOT RUN: the loops over failing system calls, because ${missing}`);

const injections: readonly Injection[] = [
  { act: 'collect', calls: 'unlink,unlinkat', error: 'EIO' },
  { act: 'collect', calls: 'fsync,fdatasync', error: 'EIO' },
  { act: 'collect', calls: 'link,linkat', error: 'EIO' },
  { act: 'collect', calls: 'pwrite64,pwritev', error: 'ENOSPC' },
  { act: 'collect', calls: 'openat', error: 'ESTALE', stored: true },
  { act: 'collect', calls: 'read,pread64', error: 'EIO', stored: true },
];

test.skipIf(missing !== null).each(injections)(
  'a collection loses nothing when the n-th $calls fails with $error, for every n',
  async (injection) => {
    const figures = await injectUntilClean(injection);
    console.log(
      `collect, ${injection.calls} ${injection.error}: ${figures.runs} runs, ${figures.injected} calls failed, ` +
        `${figures.refused} refused with a code, ${figures.survived} succeeded all the same, ` +
        `${figures.restores} restores byte for byte, 0 lost`,
    );
    expect(figures.injected).toBeGreaterThan(0);
  },
  24 * 3_600_000,
);
