import { defineConfig } from 'vitest/config';

/** Holdfast against real guests, hypervisors and servers: `npm run test:peers`. */
export default defineConfig({
  test: {
    include: ['test/peers/**/*.test.ts'],
    testTimeout: 180_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    reporters: ['default', './.ci/plain-line-reporter.ts'],
  },
});
