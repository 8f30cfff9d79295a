import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

/** Where threads and processes that tests start find their modules stripped of types and compiled already: half the time of a test that starts some. */
export const compileCacheFolder = join(import.meta.dirname, '../node_modules/.cache/holdfast-compiled');

enableCompileCache(compileCacheFolder);
