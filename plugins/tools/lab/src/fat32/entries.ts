import type { FatFile, FatFolder } from './plan.ts';

const directoryAttribute = 0x10;
const volumeAttribute = 0x08;
const longNameAttribute = 0x0f;
/** 1 January 2024: an image depends on nothing but what is put into it. */
const date = ((2024 - 1980) << 9) | (1 << 5) | 1;

/** The bytes of a folder: its own entries, then for each name the long entries and the short one. */
export function folderBytes(folder: FatFolder, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let at = 0;
  const put = (entry: Buffer): void => {
    at += entry.copy(bytes, at);
  };
  if (folder.parent === null) put(shortEntry('HOLDFAST   ', volumeAttribute, 0, 0));
  else {
    const above = folder.parent.parent === null ? 0 : folder.parent.cluster;
    put(shortEntry('.          ', directoryAttribute, folder.cluster, 0));
    put(shortEntry('..         ', directoryAttribute, above, 0));
  }
  let number = 0;
  const putNamed = (thing: FatFolder | FatFile, attribute: number, sizeBytes: number): void => {
    number += 1;
    const short = `L${number.toString(36).toUpperCase().padStart(7, '0')}LAB`;
    for (const entry of longEntries(thing.name, short)) put(entry);
    put(shortEntry(short, attribute, thing.cluster, sizeBytes));
  };
  for (const file of folder.files.values()) putNamed(file, 0x20, file.source.sizeBytes);
  for (const inner of folder.folders.values()) putNamed(inner, directoryAttribute, 0);
  return bytes;
}

function shortEntry(name: string, attribute: number, cluster: number, sizeBytes: number): Buffer {
  const entry = Buffer.alloc(32);
  entry.write(name, 0, 11, 'latin1');
  entry.writeUInt8(attribute, 11);
  for (const at of [16, 18, 24]) entry.writeUInt16LE(date, at);
  entry.writeUInt16LE(Math.floor(cluster / 65536), 20);
  entry.writeUInt16LE(cluster % 65536, 26);
  entry.writeUInt32LE(sizeBytes, 28);
  return entry;
}

/** Where the 13 characters of a long entry lie. */
export const longNamePlaces: readonly number[] = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30];

/** The entries of a long name, last part first, as they lie before the short one. */
function longEntries(name: string, short: string): Buffer[] {
  const parts = Math.ceil(name.length / 13);
  const sum = shortNameSum(Buffer.from(short, 'latin1'));
  return Array.from({ length: parts }, (_, index) => {
    const part = parts - 1 - index;
    const entry = Buffer.alloc(32, 0xff);
    entry.writeUInt8(part === parts - 1 ? (part + 1) | 0x40 : part + 1, 0);
    entry.writeUInt8(longNameAttribute, 11);
    entry.writeUInt8(0, 12);
    entry.writeUInt8(sum, 13);
    entry.writeUInt16LE(0, 26);
    longNamePlaces.forEach((place, character) => {
      const at = part * 13 + character;
      if (at <= name.length) entry.writeUInt16LE(at === name.length ? 0 : name.charCodeAt(at), place);
    });
    return entry;
  });
}

/** Ties long entries to their short one. */
export function shortNameSum(short: Uint8Array): number {
  return short.reduce((sum, byte) => (((sum & 1) << 7) + (sum >> 1) + byte) & 0xff, 0);
}
