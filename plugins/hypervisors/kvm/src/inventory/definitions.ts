import type { Dirent } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { HoldfastError } from '@holdfast/api';
import { mostXmlBytes } from '../domain/xml.ts';

/** Where one machine may be: a domain definition, or images without one. */
export interface Definition {
  /** Entry of the endpoint's folder that it was found in. */
  readonly entry: string;
  /** Folder that holds the definition or the images. */
  readonly folder: string;
  /** Whether that folder is the machine's own, and not the endpoint's. */
  readonly ownFolder: boolean;
  /** Path of the domain XML; `null` where there are images only. */
  readonly xml: string | null;
  /** Images beside each other in one folder, by name; with an XML they are only there to be found. */
  readonly images: readonly string[];
}

const imageEndings = new Set(['.raw', '.img', '.qcow2', '.vmdk', '.vhd', '.vhdx']);

/** Definitions in one entry of the endpoint's folder; one that vanishes meanwhile has none. */
export async function definitionsOf(root: string, entry: Dirent): Promise<readonly Definition[]> {
  if (entry.name.startsWith('.')) return [];
  const path = join(root, entry.name);
  if (entry.isDirectory()) {
    const inside = await readdir(path, { withFileTypes: true }).catch(() => []);
    const files = inside.filter((file) => !file.isDirectory()).sort(byName);
    const images = files.filter(isImage).map((file) => join(path, file.name));
    const documents = files.filter(isDocument).map((file) => join(path, file.name));
    const found = { entry: entry.name, folder: path, ownFolder: true, images };
    if (documents.length > 0) return documents.map((xml) => ({ ...found, xml }));
    return images.length > 0 ? [{ ...found, xml: null }] : [];
  }
  const loose = { entry: entry.name, folder: root, ownFolder: false };
  if (isDocument(entry)) return [{ ...loose, xml: path, images: [] }];
  return isImage(entry) ? [{ ...loose, xml: null, images: [path] }] : [];
}

/** Entries of the endpoint's folder. @throws `ENDPOINT_UNREACHABLE` */
export async function entriesOf(root: string): Promise<readonly Dirent[]> {
  try {
    return (await readdir(root, { withFileTypes: true })).sort(byName);
  } catch (cause) {
    throw new HoldfastError('ENDPOINT_UNREACHABLE', `the folder ${root} cannot be read`, {
      remedy: 'check that it is there, mounted and readable',
      facts: { folder: root },
      cause,
    });
  }
}

/** Reads a domain definition, of which a megabyte is the most that is looked at. */
export async function readDocument(path: string): Promise<string> {
  await using handle = await open(path, 'r');
  const stats = await handle.stat();
  if (!stats.isFile()) throw new HoldfastError('CONFIG_INVALID', 'its domain XML is no file');
  if (stats.size > mostXmlBytes) throw new HoldfastError('CONFIG_INVALID', 'its domain XML is larger than 1 MiB');
  return (await handle.readFile('utf8')).slice(0, mostXmlBytes);
}

const isDocument = (file: Dirent): boolean => extname(file.name).toLowerCase() === '.xml';
const isImage = (file: Dirent): boolean =>
  !file.name.startsWith('.') && imageEndings.has(extname(file.name).toLowerCase());
const byName = (a: Dirent, b: Dirent): number => (a.name < b.name ? -1 : 1);
