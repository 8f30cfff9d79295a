import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

// Threads that tests start keep what they stripped of types: each would strip it again.
enableCompileCache(join(import.meta.dirname, '../node_modules/.cache/holdfast'));
