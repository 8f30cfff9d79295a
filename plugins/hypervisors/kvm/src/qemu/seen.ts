import { constants } from 'node:fs';
import { mkdir, open, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemCode } from '../system-code.ts';

const mostBytes = 1024 * 1024;

/**
 * Which machine was last seen at which socket, kept from one process to the next: a QEMU that does not answer cannot say who it is. Only
 * a memory: losing it costs nothing but the name of a machine that does not answer.
 */
export class Seen {
  readonly #file: string;
  #byName: Map<string, string> | null = null;
  #isChanged = false;

  /** @param file Where it is kept. */
  constructor(file: string) {
    this.#file = file;
  }

  /** The machine that was last seen at a socket. */
  async at(name: string): Promise<string | undefined> {
    return (await this.#load()).get(name);
  }

  /** The socket at which a machine was last seen. */
  async of(id: string): Promise<string | undefined> {
    return [...(await this.#load())].find(([, one]) => one === id)?.[0];
  }

  async note(name: string, id: string): Promise<void> {
    const byName = await this.#load();
    if (byName.get(name) === id) return;
    // It has moved here: where it was is nobody's.
    for (const [other, one] of byName) if (one === id) byName.delete(other);
    byName.set(name, id);
    this.#isChanged = true;
  }

  /** Keeps what is new. A folder that cannot be written is no reason to fail. */
  async keep(): Promise<void> {
    if (!this.#isChanged) return;
    this.#isChanged = false;
    try {
      await mkdir(dirname(this.#file), { recursive: true, mode: 0o700 });
      const aside = `${this.#file}.${process.pid}`;
      await writeFile(aside, JSON.stringify(Object.fromEntries(await this.#load())), { mode: 0o600 });
      await rename(aside, this.#file);
    } catch (thrown) {
      if (systemCode(thrown) === '') throw thrown;
    }
  }

  async #load(): Promise<Map<string, string>> {
    this.#byName ??= await readMap(this.#file);
    return this.#byName;
  }
}

async function readMap(file: string): Promise<Map<string, string>> {
  try {
    await using handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW);
    const { size } = await handle.stat();
    const value: unknown = size > mostBytes ? null : JSON.parse(await handle.readFile('utf8'));
    if (typeof value !== 'object' || value === null) return new Map();
    return new Map(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  } catch (thrown) {
    if (thrown instanceof SyntaxError || systemCode(thrown) !== '') return new Map();
    throw thrown;
  }
}
