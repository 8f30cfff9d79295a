/** How the runner is set up for tests that start threads. */
export const threads = {
  setupFiles: ['./test/compile-cache.ts'],
  // V8 can crash where one thread frees code of WebAssembly (Node strips types with it) while another registers its own.
  execArgv: ['--no-wasm-code-gc'],
};
