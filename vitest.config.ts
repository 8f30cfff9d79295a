import { defineConfig } from 'vitest/config';
import { withPeers } from './test/peers/which.ts';
import { threads } from './test/threads.ts';

export default defineConfig({
  test: {
    ...threads,
    include: ['test/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'test/soak/**', ...withPeers],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    reporters: ['default', './.ci/plain-line-reporter.ts'],
  },
});
