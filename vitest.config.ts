import { defineConfig } from 'vitest/config';
import { withPeers } from './test/peers/which.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'test/soak/**', ...withPeers],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    setupFiles: ['./test/compile-cache.ts'],
    // V8 can crash where one thread frees code of WebAssembly (Node strips types with it) while another registers its own.
    execArgv: ['--no-wasm-code-gc'],
    reporters: ['default', './.ci/plain-line-reporter.ts'],
  },
});
