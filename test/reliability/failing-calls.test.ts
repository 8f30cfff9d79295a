import { expect, test } from 'vitest';
import { type Injection, injectUntilClean, whyNoStrace } from './inject.ts';

const missing = whyNoStrace();
if (missing !== null) console.log(`NOT RUN: the loops over failing system calls, because ${missing}`);
const unless = missing === null ? '' : ` (NOT RUN: ${missing})`;

const injections: readonly Injection[] = [
  { calls: 'fsync,fdatasync', error: 'EIO' },
  { calls: 'pwrite64,pwritev', error: 'ENOSPC' },
  { calls: 'link,linkat', error: 'EIO' },
];

test.skipIf(missing !== null).each(injections)(
  `nothing is lost when the n-th $calls fails with $error, for every n${unless}`,
  async (injection) => {
    const figures = await injectUntilClean(injection);
    console.log(
      `${injection.calls} ${injection.error}: ${figures.runs} runs, ${figures.injected} calls failed, ` +
        `${figures.refused} runs refused with a code, ${figures.survived} committed all the same, ` +
        `${figures.restores} restores byte for byte, 0 lost`,
    );
    expect(figures.refused).toBeGreaterThan(0);
  },
  300_000,
);
