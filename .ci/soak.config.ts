import { defineConfig } from 'vitest/config';

/** The long proofs: the same tests as in `npm test`, with more rounds, and those that only the soak has. */
export default defineConfig({
  test: {
    include: ['test/soak/**/*.test.ts', 'test/reliability/**/*.test.ts'],
    env: { HOLDFAST_SOAK: '1' },
    testTimeout: 3_600_000,
    hookTimeout: 600_000,
    fileParallelism: false,
    reporters: ['default', './.ci/plain-line-reporter.ts'],
  },
});
