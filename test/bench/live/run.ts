import { appendFile, copyFile, mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { cpus, loadavg, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { prepare, versionOf } from '../contenders/program.ts';
import { type Measured, measure } from '../measure.ts';
import { bytesOf, makeWorkload, type Workload } from '../workload.ts';
import { startMachine, toQcow2 } from './machine.ts';
import { pageOf } from './report.ts';

const usage = `npm run bench:live -- [--size 8g] [--rounds 3] [--quick] [--no-page]
  --quick    256 MiB and one round, prints only: to see that it runs`;
const { values } = parseArgs({
  options: {
    size: { type: 'string' },
    rounds: { type: 'string' },
    quick: { type: 'boolean', default: false },
    'no-page': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const root = join(import.meta.dirname, '../../..');
/** Size of the disk whose incremental is timed while nothing changed. */
const largeBytes = 100e9;
const streams = 4;

if (values.help) console.log(usage);
else {
  const folder = await mkdtemp(join(tmpdir(), 'hfl-'));
  try {
    await bench(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function bench(folder: string): Promise<void> {
  const sizeBytes = bytesOf(values.size ?? (values.quick ? '256m' : '8g'));
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 3));
  console.log(`making disks of ${sizeBytes / 2 ** 20} MiB`);
  const workload = await makeWorkload({ folder: join(folder, 'workload'), sizeBytes, seed: 42, source: '/usr' });
  const results = [];
  for (let round = 1; round <= rounds; round += 1) {
    const place = join(folder, String(round));
    await mkdir(place);
    const result = { ...(await live(place, workload)), restic: await restic(place, workload) };
    console.log(
      `round ${round}: ${JSON.stringify(result, (_, value) => (typeof value === 'number' ? Number(value.toFixed(2)) : value))}`,
    );
    results.push(result);
    await rm(place, { recursive: true });
  }
  const at = { at: new Date().toISOString(), rounds, workload, streams, largeBytes };
  const machine = {
    processor: cpus()[0]?.model ?? 'unknown',
    kernel: release(),
    node: process.version,
    load: loadavg(),
  };
  const versions = {
    qemu: await versionOf(['qemu-system-x86_64', '--version']),
    restic: await versionOf(['restic', 'version']),
  };
  const page = pageOf({ ...at, machine, versions, results });
  console.log(page);
  if (!values.quick && !values['no-page']) await writeFile(join(root, 'docs/benchmarks-live.md'), page);
}

export interface LiveRound {
  readonly full: Measured;
  readonly idle: Measured;
  readonly changed: Measured;
  readonly four: Measured;
}

/** A machine of 100 GB that has the workload at its beginning, and four small ones at once. */
async function live(folder: string, workload: Workload): Promise<LiveRound> {
  const sockets = join(folder, 's');
  const home = join(folder, 'home');
  const command = (...args: string[]) => [
    process.execPath,
    join(root, 'core/cli/holdfast.js'),
    '--home',
    home,
    ...args,
  ];
  const at = { folder, warmBytes: Math.min(workload.sizeBytes, 2 ** 32) };
  const words = join(folder, 'words');
  await prepare(
    command('init', '--target', 'main', '--path', join(folder, 'repository'), '--recovery-file', words, '--yes'),
  );
  await appendFile(
    join(home, 'config/holdfast.config.yaml'),
    'compression: 1\nslots: { snapshot: 8, storage: 8, stream: 8 }\n',
  );
  const image = join(folder, 'large.qcow2');
  await toQcow2(workload.vm1, image, largeBytes);
  await prepare(command('endpoint', 'add', 'live', '--use', 'qemu', '--set', `sockets=${sockets}`, '--yes')).catch(
    async () => {
      await mkdir(sockets, { recursive: true });
      await prepare(command('endpoint', 'add', 'live', '--use', 'qemu', '--set', `sockets=${sockets}`, '--yes'));
    },
  );
  let three: Omit<LiveRound, 'four'>;
  {
    await using machine = await startMachine(sockets, 'large', image);
    const full = await measure(command('protect', 'live/large', '--yes'), at);
    const idle = await measure(command('protect', 'live/large', '--yes'), at);
    await machine.write(differences(workload.vm1, workload.vm1c));
    const changed = await measure(command('protect', 'live/large', '--yes'), at);
    three = { full, idle, changed };
  }
  await rm(image);
  return { ...three, four: await fourStreams(folder, sockets, command, workload) };
}

/** Four machines of a policy, protected at once by one process. */
async function fourStreams(
  folder: string,
  sockets: string,
  command: (...args: string[]) => string[],
  workload: Workload,
): Promise<Measured> {
  await using all = new AsyncDisposableStack();
  const image = join(folder, 'small.qcow2');
  await toQcow2(workload.vm2, image, workload.sizeBytes);
  for (let number = 1; number <= streams; number += 1) {
    const own = join(folder, `small-${number}.qcow2`);
    await copyFile(image, own);
    all.use(await startMachine(sockets, `small-${number}`, own));
  }
  const file = join(folder, 'policies.yaml');
  await writeFile(
    file,
    `policies:
  four:
    protect: { endpoint: live, names: small-* }
    workflows:
      backup: { every: 24h, steps: [ { snapshot: {} }, { proxy: { to: main } } ] }
`,
  );
  await prepare(command('machine', 'list'));
  await prepare(command('apply', '-f', file, '--yes'));
  return await measure(command('schedule', 'run', 'four', '--yes'), { folder, warmBytes: 2 ** 30 });
}

/** Blocks of 64 KiB in which two images of the same size differ. */
async function* differences(before: string, after: string) {
  await using one = await open(before);
  await using other = await open(after);
  const step = 2 ** 22;
  const [a, b] = [Buffer.alloc(step), Buffer.alloc(step)];
  const { size } = await one.stat();
  for (let at = 0; at < size; at += step) {
    const length = Math.min(step, size - at);
    await one.read(a, 0, length, at);
    await other.read(b, 0, length, at);
    if (a.subarray(0, length).equals(b.subarray(0, length))) continue;
    for (let block = 0; block < length; block += 4096) {
      const bytes = b.subarray(block, Math.min(block + 4096, length));
      if (!bytes.equals(a.subarray(block, block + bytes.length))) yield { offset: at + block, bytes };
    }
  }
}

/** restic reads the same disk through a file, before and after the change. */
async function restic(folder: string, workload: Workload): Promise<Measured> {
  const env = {
    RESTIC_REPOSITORY: join(folder, 'restic'),
    RESTIC_PASSWORD: 'benchmark',
    RESTIC_CACHE_DIR: join(folder, 'cache'),
  };
  const disk = join(folder, 'disk.raw');
  await prepare(['restic', 'init'], env);
  await prepare(['ln', workload.vm1, disk]);
  await prepare(['restic', '--quiet', 'backup', '--force', disk], env);
  await prepare(['ln', '-f', workload.vm1c, disk]);
  return await measure(['restic', '--quiet', 'backup', '--force', disk], { folder, warmBytes: 2 ** 32 }, { env });
}
