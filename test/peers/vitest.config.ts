import { defineConfig } from 'vitest/config';
import { threads } from '../threads.ts';
import { withPeers } from './which.ts';

/** Holdfast against real guests, hypervisors and servers: `npm run test:peers`. */
export default defineConfig({
  test: {
    ...threads,
    include: [...withPeers],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    maxWorkers: 2,
    reporters: ['default', './.ci/plain-line-reporter.ts'],
  },
});
