import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Peer } from './figures.ts';
import { openPty, pressThrough, quiet } from './talk.ts';

interface Program {
  readonly name: string;
  argv(file: string): readonly string[];
  readonly down: string;
  readonly up: string;
}

const arrows = { down: '\x1bOB', up: '\x1bOA' };
const programs: readonly Program[] = [
  { name: 'vim', argv: (file) => ['vim', '-u', 'NONE', '-N', file], down: 'j', up: 'k' },
  { name: 'htop', argv: () => ['htop', '-d', '100'], ...arrows },
  { name: 'mc', argv: () => ['mc', '-u', '/usr/bin'], ...arrows },
];

/** Version of a program, or `null` when it is not installed. */
async function versionOf(name: string): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)(name, ['--version']);
    return stdout.split('\n')[0]?.trim() ?? name;
  } catch {
    return null;
  }
}

/** The same keys in other programs, for a sense of proportion. One that does not answer keys as expected is left out. */
export async function measurePeers(keys: number): Promise<Peer[]> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-peers-'));
  const file = join(folder, 'machines.txt');
  const line = (_: unknown, index: number): string =>
    `vm-${index}  protected  esx-lon  ${index} GiB  ${'word '.repeat(20)}`;
  await writeFile(file, `${Array.from({ length: 10_000 }, line).join('\n')}\n`);
  const peers: Peer[] = [];
  try {
    for (const { name, argv, down, up } of programs) {
      const version = await versionOf(name);
      if (version === null) {
        console.log(`${name} is not installed and is left out`);
        continue;
      }
      const talk = openPty(argv(file), { env: { HOME: folder } });
      try {
        await quiet(talk, 600);
        peers.push({ name, version, ...(await pressThrough(talk, down, up, keys)) });
      } catch (error) {
        console.log(`${name} is left out: ${String(error)}`);
      } finally {
        await talk.close();
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return peers;
}
