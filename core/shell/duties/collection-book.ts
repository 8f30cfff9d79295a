import { mkdir, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { replaceFile } from '../../config/replace-file.ts';
import type { CollectionBook, CollectionTimes } from '../../engine/repositories/contract.ts';

const mostBytes = 1024 * 1024;
const mostTargets = 10_000;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function timesOf(value: unknown): CollectionTimes | null {
  if (!isRecord(value) || !Number.isSafeInteger(value.dueAt)) return null;
  const { dueAt, collectedAt, isRefused } = value;
  return {
    dueAt: Number(dueAt),
    collectedAt: Number.isSafeInteger(collectedAt) ? Number(collectedAt) : null,
    ...(isRefused === true ? { isRefused } : {}),
  };
}

/**
 * When repositories were collected, in one file of the data folder: `{ "version": 1, "targets": { "main": { "collectedAt": 0, "dueAt": 0 } } }`. What cannot be
 * read counts as nothing; what cannot be written is remembered as long as this process lives, so that nothing is collected again and again.
 */
export function collectionBook(file: string): CollectionBook {
  const unwritten = new Map<string, CollectionTimes>();

  const stored = async (): Promise<Record<string, CollectionTimes>> => {
    try {
      if ((await stat(file)).size > mostBytes) return {};
      const value: unknown = JSON.parse(await readFile(file, 'utf8'));
      const targets = isRecord(value) && isRecord(value.targets) ? value.targets : {};
      const sound = Object.entries(targets).flatMap(([target, times]) => {
        const read = timesOf(times);
        return read === null ? [] : [[target, read] as const];
      });
      return Object.fromEntries(sound.slice(0, mostTargets));
    } catch {
      return {};
    }
  };
  const read = async () => ({ ...(await stored()), ...Object.fromEntries(unwritten) });

  return {
    read,
    async write(target, times) {
      unwritten.set(target, times);
      const targets = await read();
      try {
        await mkdir(dirname(file), { recursive: true, mode: 0o700 });
        await replaceFile(file, JSON.stringify({ version: 1, targets }), { mode: 0o600 });
        unwritten.clear();
      } catch {
        // It stays in mind.
      }
    },
  };
}
