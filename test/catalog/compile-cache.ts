import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

// Threads and processes that these tests start strip types once and not each anew: a quarter of the time.
const folder = mkdtempSync(join(tmpdir(), 'holdfast-compiled-'));
process.env.NODE_COMPILE_CACHE = folder;
afterAll(() => rmSync(folder, { recursive: true, force: true }));
