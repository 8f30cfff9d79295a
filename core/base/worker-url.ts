import { extname } from 'node:path';

/**
 * The module of a worker thread, beside the module that starts it. A checkout runs `.ts`, a package `.js`:
 * the worker has the extension of its caller.
 * @param caller `import.meta.url` of the calling module.
 * @param relative Path without extension, for example `./lane-worker`.
 */
export function workerUrl(caller: string, relative: string): URL {
  return new URL(relative + extname(new URL(caller).pathname), caller);
}
