import { defineConfig } from 'vitest/config';
import { withPeers } from './which.ts';

/** Holdfast against real guests, hypervisors and servers: `npm run test:peers`. */
export default defineConfig({
  test: {
    include: [...withPeers],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    maxWorkers: 2,
    setupFiles: ['./test/compile-cache.ts'],
    // V8 can crash where one thread frees code of WebAssembly (Node strips types with it) while another registers its own.
    execArgv: ['--no-wasm-code-gc'],
    reporters: ['default', './.ci/plain-line-reporter.ts'],
  },
});
