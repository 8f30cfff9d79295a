import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { KnownSchemas } from '../../core/config/contract.ts';
import { folders } from '../../core/config/folders.ts';
import type { LoadOptions } from '../../core/config/load.ts';

/** What the plugins of these tests contribute. */
export const known: KnownSchemas = {
  hypervisors: {
    kvm: {
      type: 'object',
      properties: { folder: { type: 'string' }, password: { type: 'string', secret: true } },
      required: ['folder'],
    },
    cluster: { type: 'object', properties: { hosts: { type: 'array', items: { type: 'string' } } } },
  },
  targets: {
    disk: {
      type: 'object',
      properties: {
        path: { type: 'string' },
        syncWrites: { type: 'boolean', default: true },
        limits: { type: 'object', additionalProperties: false, properties: { maxBytes: { type: 'integer' } } },
      },
      required: ['path'],
    },
    tape: { type: 'object', properties: { library: { type: 'string' } } },
  },
  mediaTargets: ['tape'],
  plugins: { '@holdfast/tool-lab': { type: 'object', properties: { seed: { type: 'integer', default: 7 } } } },
};

/** A temporary machine: home, system folder and a project, removed by `await using`. */
export interface Site extends AsyncDisposable {
  readonly root: string;
  readonly home: string;
  readonly project: string;
  readonly userFile: string;
  readonly options: LoadOptions;
  /** Writes a file below the root and answers its path. */
  write(path: string, text: string, mode?: number): Promise<string>;
}

export async function makeSite(env: Readonly<Record<string, string>> = {}): Promise<Site> {
  const root = await mkdtemp(join(tmpdir(), 'holdfast-config-'));
  const home = join(root, 'home');
  const project = join(home, 'office', 'deep', 'project');
  await mkdir(project, { recursive: true });
  const environment = { HOME: home, PATH: process.env.PATH ?? '', ...env };
  return {
    root,
    home,
    project,
    userFile: 'home/.config/holdfast/holdfast.config.yaml',
    options: {
      cwd: project,
      env: environment,
      known,
      folders: folders(environment),
      systemFolder: join(root, 'etc/holdfast'),
    },
    async write(path, text, mode = 0o600) {
      const file = join(root, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text, { mode });
      return file;
    },
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}
