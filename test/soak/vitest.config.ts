import { defineConfig } from 'vitest/config';
import { threads } from '../threads.ts';

/** Hours of what `npm test` does for seconds: `npx vitest run --config test/soak/vitest.config.ts`. */
export default defineConfig({
  test: {
    ...threads,
    include: ['test/soak/**/*.test.ts'],
    testTimeout: 24 * 3_600_000,
    maxWorkers: 2,
    reporters: ['default', './.ci/plain-line-reporter.ts'],
  },
});
