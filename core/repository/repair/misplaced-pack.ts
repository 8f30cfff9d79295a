import { basename } from 'node:path/posix';
import { crc32 } from 'node:zlib';
import { type Call, isHoldfastError, type ObjectStore } from '@holdfast/api';
import { isStored, type Relisting } from '../check/inventory.ts';
import {
  decodeHeader,
  HEADER_BYTES,
  MAX_PACK_BYTES,
  PACK_END_MAGIC,
  PACK_OVERHEAD,
  packName,
  packOfName,
} from '../data/packs/format.ts';
import { holds, putObject } from '../data/write/put-object.ts';
import { readObject } from '../documents/read-object.ts';
import type { RepairAct } from './contract.ts';
import { fateOfLeftover } from './leftover.ts';

/** What becomes of an object under `packs/` that is not the pack that it is called: it may be another one. */
export async function homeOfPack(
  object: string,
  bad: ReadonlySet<string>,
  now: Relisting,
  store: ObjectStore,
  call: Call,
): Promise<RepairAct> {
  const home = await ownName(object, store, call);
  if (home === null || home === object) return await fateOfLeftover(object, bad, now);
  // A part of a pack must not take its name: the whole one may be on its way.
  if (!isWholePack(await readObject(store, object, MAX_PACK_BYTES, call))) {
    return await fateOfLeftover(object, bad, now);
  }
  if (!(await now.has(home))) {
    return { object, act: 'salvage', detail: `it is ${home} under a wrong name: it is put where it belongs` };
  }
  if (!bad.has(home)) return { object, act: 'salvage', detail: `it is a second ${home}, which is where it belongs` };
  const detail = `it is ${home} under a wrong name, and something else lies there: give both their own names by hand`;
  return { object, act: 'none', detail };
}

/**
 * Puts a pack under its own name as well, if that is free.
 * @returns Whether the very same bytes are there now.
 */
export async function bringHome(object: string, store: ObjectStore, call: Call): Promise<boolean> {
  const home = await ownName(object, store, call);
  if (home === null || home === object) return false;
  const bytes = await readObject(store, object, MAX_PACK_BYTES, call);
  if (!isWholePack(bytes)) return false;
  if (!(await isStored(store, home, call))) await putObject(store, home, bytes, call);
  return await holds(store, home, bytes, call);
}

/** Whether an object is called as a pack is, so that a tombstone can name it. */
export const isCalledPack = (object: string): boolean => packOfName(object) !== null;

/** Whether its trailer and checksum say that nothing of it is missing. */
function isWholePack(object: Uint8Array): boolean {
  const bytes = Buffer.from(object.buffer, object.byteOffset, object.byteLength);
  if (bytes.length < PACK_OVERHEAD || bytes.readUInt32LE(bytes.length - 8) !== PACK_END_MAGIC) return false;
  return crc32(bytes.subarray(0, -4)) === bytes.readUInt32LE(bytes.length - 4);
}

/** The name that a pack gives itself; `null` for what is none. */
async function ownName(object: string, store: ObjectStore, call: Call): Promise<string | null> {
  if (!/[0-9a-f]{32}/.test(basename(object))) return null;
  const parts: Uint8Array[] = [];
  try {
    for await (const part of store.get(object, { offset: 0, length: HEADER_BYTES }, call))
      parts.push(Uint8Array.from(part));
  } catch (failure) {
    if (isHoldfastError(failure, 'OBJECT_NOT_FOUND')) return null;
    throw failure;
  }
  const header = decodeHeader(Buffer.concat(parts));
  return header === null ? null : packName(header.pack);
}
