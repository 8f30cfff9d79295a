import { chmod, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Folders } from '../../../config/contract.ts';
import type { CheckRow } from '../../lookup/check-items.ts';

/** SQLite before this may corrupt a write-ahead log that several processes use. */
const soundSqlite = [3, 51, 3];
const needsNode = 24;

const of = 'this machine';

function isAtLeast(version: string, wanted: readonly number[]): boolean {
  const parts = version.split('.').map(Number);
  for (const [at, least] of wanted.entries()) {
    const part = parts[at] ?? 0;
    if (part !== least) return part > least;
  }
  return true;
}

function nodeRow(): CheckRow {
  const version = process.versions.node;
  const isNew = isAtLeast(version, [needsNode]);
  return {
    of,
    title: 'Node',
    state: isNew ? 'ok' : 'failed',
    detail: `${version}, ${availableParallelism()} processors`,
    ...(isNew ? {} : { remedy: `install Node ${needsNode}` }),
  };
}

function sqliteRow(): CheckRow {
  const version = process.versions.sqlite ?? '0';
  const isSound = isAtLeast(version, soundSqlite);
  return {
    of,
    title: 'SQLite',
    state: isSound ? 'ok' : 'failed',
    detail: version,
    ...(isSound ? {} : { remedy: 'update Node: this SQLite can damage a catalog' }),
  };
}

function blake3Row(): CheckRow {
  try {
    createRequire(import.meta.url)('@napi-rs/blake-hash');
    return { of, title: 'BLAKE3', state: 'ok', detail: 'native' };
  } catch (problem) {
    return {
      of,
      title: 'BLAKE3',
      state: 'warning',
      detail: `cannot be loaded: ${problem instanceof Error ? (problem.message.split('\n')[0] ?? '') : 'unknown'}`,
      remedy: 'new repositories use SHA-256; to open older ones reinstall Holdfast with its optional parts',
    };
  }
}

function zstdRow(): CheckRow {
  const sample = Buffer.from('holdfast '.repeat(1000));
  const isGood = zstdDecompressSync(zstdCompressSync(sample)).equals(sample);
  return { of, title: 'zstd', state: isGood ? 'ok' : 'failed', detail: isGood ? 'built in' : 'gives back other bytes' };
}

async function folderRow(title: string, folder: string, fix: boolean): Promise<CheckRow> {
  const row = { of, title: `${title} folder` };
  try {
    const { mode, uid } = await stat(folder);
    const isMine = process.getuid === undefined || uid === process.getuid();
    if (!isMine) {
      return {
        ...row,
        state: 'failed',
        detail: `${folder} belongs to user ${uid}`,
        remedy: 'give it to yourself with chown',
      };
    }
    if ((mode & 0o077) === 0) return { ...row, state: 'ok', detail: folder };
    const bits = (mode & 0o777).toString(8);
    if (title === 'cache' && (mode & 0o022) === 0) return { ...row, state: 'ok', detail: folder };
    if (fix) {
      await chmod(folder, 0o700);
      return { ...row, state: 'ok', detail: `${folder}: mode was ${bits}, is 700 now` };
    }
    return {
      ...row,
      state: 'warning',
      detail: `${folder} has mode ${bits}: others can look into it`,
      remedy: '`holdfast doctor --fix`',
    };
  } catch (problem) {
    const code = problem instanceof Error && 'code' in problem ? String(problem.code) : 'failed';
    if (code === 'ENOENT') return { ...row, state: 'ok', detail: `${folder}: not made yet` };
    return { ...row, state: 'failed', detail: `${folder}: ${code}`, remedy: 'check its owner and mode' };
  }
}

/** What Holdfast stands on here: Node and its libraries. */
export const machineRows = (): readonly CheckRow[] => [nodeRow(), sqliteRow(), blake3Row(), zstdRow()];

/** Its own folders: there or not yet, whose they are, who else may look into them. */
export async function folderRows(folders: Folders, fix: boolean): Promise<readonly CheckRow[]> {
  return [
    await folderRow('configuration', folders.config, fix),
    await folderRow('data', folders.data, fix),
    await folderRow('cache', folders.cache, fix),
  ];
}
