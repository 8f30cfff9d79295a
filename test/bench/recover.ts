import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { TemporaryHome } from '../cli/run-holdfast.ts';

/**
 * A repository and its recovery words alone, in an empty home: how long until the installation is back and a machine of 1 GiB of real data is restored, through the
 * command line, start of each process included. `--limit SECONDS` fails when one of the two ways takes longer.
 */
const { values } = parseArgs({
  options: { size: { type: 'string', default: '1GiB' }, limit: { type: 'string', default: '60' } },
});

async function done(home: TemporaryHome, ...args: readonly string[]): Promise<Record<string, unknown>> {
  const ended = await home.run([...args, '--json']);
  if (ended.code !== 0) throw new Error(`${args.join(' ')}: ${ended.stdout}${ended.stderr}`);
  return JSON.parse(ended.stdout) as Record<string, unknown>;
}

async function diskOf(outside: TemporaryHome, name: string): Promise<string> {
  const folder = outside.path('machines', name);
  const disk = (await readdir(folder)).find((file) => /\.(raw|qcow2)$/.test(file));
  const hash = createHash('sha256');
  for await (const piece of createReadStream(join(folder, disk ?? 'none'))) hash.update(piece as Buffer);
  return hash.digest('hex');
}

await using outside = await TemporaryHome.make();
let words = '';
let repositoryBytes = 0;
{
  await using old = await TemporaryHome.make();
  await done(old, 'init', '--path', outside.path('backup'), '--recovery-file', old.path('words.txt'), '--yes');
  await done(old, 'lab', 'make', 'web', '--folder', outside.path('machines'), '--size', values.size, '--yes');
  await done(old, 'endpoint', 'add', 'lab', '--use', 'kvm', '--path', outside.path('machines'), '--yes');
  await done(old, 'protect', 'web', '--yes');
  repositoryBytes = Number((await done(old, 'repository', 'stats')).storedBytes);
  words = (await readFile(old.path('words.txt'), 'utf8')).trimEnd().split('\n').at(-1) ?? '';
}
const original = await diskOf(outside, 'web');
console.log(
  `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, load ${loadavg()[0]?.toFixed(1)}, Node ${process.version}`,
);
console.log(`${values.size} of real data, ${(repositoryBytes / 2 ** 20).toFixed(0)} MiB in the repository`);

let slowest = 0;
for (const [way, flags] of [
  ['the saved catalog', []],
  ['the restore points alone', ['--from-points']],
] as const) {
  await using home = await TemporaryHome.make();
  await writeFile(home.path('paper'), words);
  const from = ['--store-folder', outside.path('backup'), '--recovery-words-file', home.path('paper')];
  const startedAt = performance.now();
  await done(home, 'repository', 'recover', ...from, ...flags, '--yes');
  const recoveredAt = performance.now();
  await done(home, 'endpoint', 'add', 'lab', '--use', 'kvm', '--path', outside.path('machines'), '--yes');
  await done(home, 'restore', 'machine', 'web', '--as', 'again', '--yes');
  const seconds = (performance.now() - startedAt) / 1000;
  if ((await diskOf(outside, 'again')) !== original)
    throw new Error('the restored disk is not the one that was protected');
  await rm(outside.path('machines', 'again'), { recursive: true });
  slowest = Math.max(slowest, seconds);
  console.log(
    `from ${way}: ${seconds.toFixed(1)} s, of which ${((recoveredAt - startedAt) / 1000).toFixed(1)} s until the catalog was back; equal byte for byte`,
  );
}
if (slowest > Number(values.limit)) {
  console.error(`more than ${values.limit} s`);
  process.exitCode = 1;
}
