import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'plugins/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'test/soak/**'],
    testTimeout: 60_000,
    pool: 'forks',
  },
});
