import { execFile } from 'node:child_process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { LoadedConfig } from '../../core/config/contract.ts';
import { type LoadOptions, loadConfig } from '../../core/config/load.ts';

/** What a process of its own made of a configuration. */
export interface NativeLoad {
  readonly config?: LoadedConfig['config'];
  readonly untrusted?: readonly string[];
  readonly origins?: Readonly<Record<string, LoadedConfig['origins'] extends ReadonlyMap<string, infer O> ? O : never>>;
  readonly code?: string;
  readonly message?: string;
  /** Packages that were read to load it. */
  readonly packages: readonly string[];
}

const marker = 'HOLDFAST-OUTCOME ';

/** Loads configurations one after the other in a process of plain Node: the test runner replaces `import()`. */
export async function loadNatively(...options: readonly LoadOptions[]): Promise<NativeLoad[]> {
  const self = fileURLToPath(import.meta.url);
  const { stdout } = await promisify(execFile)('node', ['--no-warnings', self, JSON.stringify(options)]);
  const line = stdout.split('\n').find((text) => text.startsWith(marker));
  const outcome: NativeLoad[] = JSON.parse(line?.slice(marker.length) ?? '[]');
  return outcome;
}

/** The one outcome of one configuration. */
export async function loadOneNatively(options: LoadOptions): Promise<NativeLoad> {
  const [outcome] = await loadNatively(options);
  if (outcome === undefined) throw new Error('no outcome was printed');
  return outcome;
}

async function loadHere(options: LoadOptions): Promise<NativeLoad> {
  const { createRequire } = await import('node:module');
  const packages = () => {
    const read = Object.keys(createRequire(import.meta.url).cache).map(
      (file) => /node_modules\/([^/]+)/.exec(file)?.[1] ?? file,
    );
    return [...new Set(read)].toSorted();
  };
  try {
    const loaded = await loadConfig(options);
    return {
      config: loaded.config,
      untrusted: loaded.untrusted,
      origins: Object.fromEntries(loaded.origins),
      packages: packages(),
    };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'none';
    return { code, message: String(error), packages: packages() };
  }
}

if (process.argv[1] !== undefined && pathToFileURL(process.argv[1]).href === import.meta.url) {
  const outcomes: NativeLoad[] = [];
  for (const options of JSON.parse(process.argv[2] ?? '[]')) outcomes.push(await loadHere(options));
  console.log(marker + JSON.stringify(outcomes));
}
