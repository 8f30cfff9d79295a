import { defineConfig } from 'vitest/config';

/** Hours of what `npm test` does for seconds: `npx vitest run --config test/soak/vitest.config.ts`. */
export default defineConfig({
  test: {
    include: ['test/soak/**/*.test.ts'],
    testTimeout: 24 * 3_600_000,
    maxWorkers: 2,
    setupFiles: ['./test/compile-cache.ts'],
    // V8 can crash where one thread frees code of WebAssembly (Node strips types with it) while another registers its own.
    execArgv: ['--no-wasm-code-gc'],
    reporters: ['default', './.ci/plain-line-reporter.ts'],
  },
});
