import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { makeCall, questionsOf, type SheetFamily } from '@holdfast/api';
import type { HostOpening, HostOptions, PluginHost } from '../../../core/host/contract.ts';
import { contentHash } from '../../../core/host/manifest/fingerprint.ts';
import { openPluginHostWith } from '../../../core/host/open.ts';
import type { HostBehaviour } from '../../../core/host/plugin-host.ts';
import { TrustStore } from '../../../core/host/trust/trust-store.ts';

/** A temporary installation with plugins written on the spot. */
export class Installation implements AsyncDisposable {
  readonly root = mkdtempSync(join(tmpdir(), 'holdfast-host-'));
  readonly lines: string[] = [];
  readonly #hosts: PluginHost[] = [];

  get options(): HostOptions {
    return {
      shippedFolder: join(this.root, 'shipped'),
      addedFolder: join(this.root, 'added'),
      dataFolder: join(this.root, 'data'),
      log: (plugin, level, message) => this.lines.push(`${plugin} ${level} ${message}`),
    };
  }

  /** Writes a plugin; `files` by path relative to its folder. Answers the folder. */
  write(where: 'shipped/targets' | 'added', name: string, files: Readonly<Record<string, string | object>>): string {
    const folder = join(this.root, where, name);
    for (const [path, content] of Object.entries(files)) {
      const file = join(folder, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
    }
    return folder;
  }

  trust(folder: string, name: string): void {
    new TrustStore(join(this.root, 'added')).trust(name, contentHash(folder));
  }

  async host(options: Partial<HostOptions> = {}, behaviour: Partial<HostBehaviour> = {}): Promise<PluginHost> {
    const host = await openPluginHostWith({ ...this.options, ...options }, behaviour);
    this.#hosts.push(host);
    return host;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const host of this.#hosts) await host.close();
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** A manifest of a target plugin, to be changed where a test wants it otherwise. */
export function targetManifest(name: string, changes: object = {}): object {
  return {
    name,
    version: '1.0.0',
    type: 'module',
    main: './plugin.ts',
    engines: { holdfast: '^1.0.0' },
    contributes: {
      targets: [
        { id: 'box', title: 'A box', shape: 'object-store', settings: './settings.json', answers: './answers.json' },
      ],
    },
    ...changes,
  };
}

export const openSettings = { type: 'object', additionalProperties: true };

/** A sheet in which no question applies. */
export function emptySheet(...families: readonly SheetFamily[]): object {
  return Object.fromEntries(questionsOf(families).map(({ id }) => [id, { notApplicable: 'this is a test' }]));
}

/** Files of a target plugin with this module. */
export function targetFiles(name: string, module: string, changes: object = {}): Record<string, string | object> {
  return {
    'package.json': targetManifest(name, changes),
    'settings.json': openSettings,
    'answers.json': emptySheet('target'),
    'plugin.ts': module,
  };
}

/** Writes an added plugin that is trusted and has one target, `box`, made by `open`, the text of a function. */
export function addTarget(at: Installation, name: string, module: string, changes: object = {}): string {
  const folder = at.write('added', name.replace('/', '+'), targetFiles(name, module, changes));
  at.trust(folder, name);
  return folder;
}

export const opening = (settings: Readonly<Record<string, unknown>> = {}, use = 'box'): HostOpening => ({
  name: `my-${use}`,
  use,
  settings,
  secret: async (setting) => `secret of ${setting}`,
});

export const quiet = makeCall({ who: 'test' });

/** A store kept in a map, as the text of a module; `extra` goes before `activate`. */
export const memoryStoreModule = `
import { HoldfastError, type ObjectStore, type PluginContext, throwIfCancelled } from '@holdfast/api';

function openStore(): ObjectStore {
  const objects = new Map<string, { bytes: Uint8Array; at: number }>();
  return {
    async put(name, body, how) {
      if (how.ifAbsent && objects.has(name)) throw new HoldfastError('OBJECT_EXISTS', name + ' is there already');
      objects.set(name, { bytes: body.slice(), at: 1 });
      return { sizeBytes: body.length };
    },
    async *get(name, range, call) {
      const object = objects.get(name);
      if (object === undefined) throw new HoldfastError('OBJECT_NOT_FOUND', name + ' is not there', { facts: { name } });
      const { offset, length } = range ?? { offset: 0, length: object.bytes.length };
      const end = Math.min(object.bytes.length, offset + length);
      for (let at = offset; at < end; at += 1 << 20) {
        throwIfCancelled(call.signal, 'get');
        yield object.bytes.subarray(at, Math.min(end, at + (1 << 20)));
      }
    },
    async *list(prefix) {
      for (const [name, { bytes, at }] of objects) if (name.startsWith(prefix)) yield { name, sizeBytes: bytes.length, modifiedAt: at };
    },
    async remove(name) { objects.delete(name); },
    async probe() {
      return { conditionalPut: true, lockUntil: false, rangedGet: true, consistentList: true, freeBytes: null, totalBytes: null, items: [] };
    },
    async close() { objects.clear(); },
  };
}

export function activate(context: PluginContext): void {
  context.registerObjectStore('box', async () => openStore());
}
`;

export async function readAll(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

/** The placeholder of a setting in a permission. */
export const setting = (name: string): string => `$\{${name}}`;
