import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, mkdir, open, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { HoldfastError } from '@holdfast/api';
import { syncFolder } from './durable.ts';
import { systemCode } from './failure.ts';
import { incomingFolder, markerFile } from './names.ts';

/**
 * Makes sure that the folder is the target and not, say, the empty folder under a disk that is not mounted: only a
 * folder with our marker in it is ever written to, and the marker is only made when the administrator asks for it.
 * @param create Make folder and marker when they are missing. Meant for the moment at which a target is added.
 * @throws `TARGET_UNREACHABLE` when the folder or its marker is missing; `NAME_TAKEN` when it is to be made among other files.
 */
export async function requireMarker(root: string, create: boolean, now: number): Promise<void> {
  if (await isMarked(root)) return;
  if (!create) throw unmarked(root);
  await makeFolder(root);
  const others = (await readdir(root)).filter((entry) => ![incomingFolder, 'lost+found'].includes(entry));
  if (others.length > 0) {
    throw new HoldfastError('NAME_TAKEN', `${root} is not empty and is not a target of Holdfast`, {
      remedy: `choose an empty folder, for example ${join(root, 'holdfast')}`,
      facts: { path: root, entries: others.length },
    });
  }
  await mkdir(join(root, incomingFolder), { mode: 0o700 }).catch(ignoreExisting);
  await writeMarker(join(root, markerFile), now);
  await syncFolder(root);
}

/** Whether the folder is there with our marker in it. */
export async function isMarked(root: string): Promise<boolean> {
  try {
    return (await lstat(join(root, markerFile))).isFile();
  } catch (thrown) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(thrown))) return false;
    throw thrown;
  }
}

/** A marker is some 130 bytes. */
const mostMarkerBytes = 4096;

/**
 * Knows the target again while it is used: a disk can be taken out and another one put in at the same place, with a target of its own on it. What is
 * believed to lie on the first must not be built upon on the second.
 */
export class Mark {
  readonly #root: string;
  #file: string;
  #text: string | null;

  private constructor(root: string, file: string, text: string | null) {
    this.#root = root;
    this.#file = file;
    this.#text = text;
  }

  /** The mark of a target that is there. */
  static async of(root: string): Promise<Mark> {
    const path = join(root, markerFile);
    return new Mark(root, await fileOf(path), await textOf(path));
  }

  /** @throws `TARGET_UNREACHABLE` when the target is gone, or another one is in its place. */
  async require(): Promise<void> {
    const path = join(this.#root, markerFile);
    try {
      const file = await fileOf(path);
      if (file === this.#file) return;
      // Mounted anew, or given to another user: then it is still the same by what it says.
      const text = await textOf(path);
      if (text !== null && this.#text !== null && text !== this.#text) throw exchanged(this.#root);
      this.#file = file;
      this.#text ??= text;
    } catch (thrown) {
      if (['ENOENT', 'ENOTDIR'].includes(systemCode(thrown))) throw unmarked(this.#root);
      throw thrown;
    }
  }
}

async function fileOf(path: string): Promise<string> {
  const { dev, ino, ctimeNs } = await lstat(path, { bigint: true });
  return `${dev}:${ino}:${ctimeNs}`;
}

/** What a marker says; `null` where only its owner may read it. */
async function textOf(path: string): Promise<string | null> {
  try {
    await using handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(mostMarkerBytes), 0, mostMarkerBytes, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } catch (thrown) {
    if (['EACCES', 'EPERM'].includes(systemCode(thrown))) return null;
    throw thrown;
  }
}

function exchanged(root: string): HoldfastError {
  return new HoldfastError('TARGET_UNREACHABLE', `${root} is another target than the one that was there before`, {
    remedy: `connect the disk that was there, or start Holdfast anew with this one; each disk that is rotated should have a folder and a target of its own`,
    facts: { path: root },
  });
}

export function unmarked(root: string): HoldfastError {
  return new HoldfastError('TARGET_UNREACHABLE', `${root} is not there, or is not a target of Holdfast`, {
    remedy: `mount or connect the disk that holds it (the target's folder has a file ${markerFile} in it)`,
    facts: { path: root },
  });
}

/** The name of the marker is what counts, so a marker that a crash cut short is as good as a whole one. */
async function writeMarker(path: string, now: number): Promise<void> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const marker = { format: 'holdfast-target', version: 1, id: randomBytes(16).toString('hex'), createdAt: now };
  try {
    await using handle = await open(path, flags, 0o600);
    await handle.writeFile(`${JSON.stringify(marker)}\n`);
    await handle.sync();
  } catch (thrown) {
    ignoreExisting(thrown);
  }
}

/** Makes a folder and those above it, each durable in the one that holds it. */
async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = path; ; made = dirname(made)) {
    await syncFolder(dirname(made));
    if (made === first || made === dirname(made)) return;
  }
}

function ignoreExisting(thrown: unknown): void {
  if (systemCode(thrown) !== 'EEXIST') throw thrown;
}
