import { mkdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Plain } from '@holdfast/api';
import { replaceFile } from '../../config/replace-file.ts';
import type { Memory } from './contract.ts';

/** More than any honest use of it takes. */
const mostBytes = 1024 * 1024;

type Kept = Record<string, Plain>;

const isRecord = (value: unknown): value is Kept =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

async function read(file: string): Promise<Kept> {
  try {
    if ((await stat(file)).size > mostBytes) return {};
    const parsed: unknown = JSON.parse(await readFile(file, 'utf8'));
    return isRecord(parsed) ? parsed : {};
  } catch {
    // Losing it loses nothing.
    return {};
  }
}

/** What a person's workbench remembers, in `workbench.json` of a folder of their own. */
export function fileMemory(folder: string): Memory {
  const file = join(folder, 'workbench.json');
  let kept: Promise<Kept> | null = null;
  let writing: Promise<void> = Promise.resolve();
  const all = (): Promise<Kept> => {
    kept ??= read(file);
    return kept;
  };
  return {
    keysFile: join(folder, 'keys.json'),
    get: async (key) => (await all())[key] ?? null,
    async set(key, value) {
      const next = { ...(await all()), [key]: value };
      kept = Promise.resolve(next);
      const text = `${JSON.stringify(next, null, 2)}\n`;
      if (text.length > mostBytes) return;
      const mine = writing.then(async () => {
        await mkdir(dirname(file), { recursive: true, mode: 0o700 });
        await replaceFile(file, text, { mode: 0o600 });
      });
      // A disk that is full must not take the screen away.
      writing = mine.catch(() => {});
      await writing;
    },
  };
}
