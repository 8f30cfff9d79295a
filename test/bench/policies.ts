import { mkdirSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Machine, makeCall, type PointSummary } from '@holdfast/api';
import { openCatalog } from '../../core/catalog/open.ts';
import { readPolicies } from '../../core/config/policies/read.ts';
import { openEngine } from '../../core/engine/open.ts';
import { openPluginHost } from '../../core/host/open.ts';

/**
 * Plans 64 policies over 1,000 machines with 20 restore points each, on a catalog on disk: every machine is protected by one policy, and in a second
 * round each policy protects all of them. `--limit MS` fails when a plan takes longer.
 */
const machineCount = 1_000;
const policyCount = 64;
const pointCount = 20;
const gib = 1024 ** 3;
const hour = 3_600_000;

const project = fileURLToPath(new URL('../..', import.meta.url));
const limitAt = process.argv.indexOf('--limit');
const limitMs = limitAt < 0 ? null : Number(process.argv[limitAt + 1]);

const machineOf = (index: number): Machine => ({
  id: `machine-${index}`,
  name: `web-${String(index).padStart(4, '0')}`,
  power: 'on',
  place: `/srv/${index % 10}`,
  host: `host-${index % 16}`,
  folder: `/prod/team-${index % policyCount}`,
  tags: [`team-${index % policyCount}`, 'prod'],
  disks: ['vda', 'vdb'].map((key) => ({
    key,
    sizeBytes: (20 + (index % 200)) * gib,
    format: 'qcow2' as const,
    kind: 'virtual' as const,
    location: `/srv/${index}/${key}.qcow2`,
    storage: `pool-${index % 4}`,
  })),
  memoryBytes: 4 * gib,
  cpus: 2,
  config: { mediaType: 'application/x-libvirt+xml', text: `<domain>${'x'.repeat(3_000)}</domain>` },
});

const pointOf = (machine: Machine, index: number, takenAt: number): PointSummary => ({
  target: 'main',
  point: `${machine.id}-${index}`.padEnd(32, '0'),
  machine: machine.id,
  takenAt,
  machineName: machine.name,
  endpoint: 'lab',
  consistency: 'crash',
  disks: machine.disks.map(({ key, sizeBytes, format }) => ({ key, sizeBytes, format, changeToken: `token-${index}` })),
  sizeBytes: machine.disks.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  storedBytes: gib,
  committedAt: takenAt + 60_000,
});

const textOf = (selector: (index: number) => string, keep: (index: number) => string): string =>
  `zone: Europe/London\npolicies:\n${Array.from(
    { length: policyCount },
    (_, index) => `  team-${index}:
    protect: ${selector(index)}
    objective: { rpo: 26h, rto: 24h, change: 1% }
    jitter: 5m
    workflows:
      backup:
        schedule: ${index % 60} 2 * * *
        steps: [ snapshot, { proxy: { to: main } } ]
      weekly:
        schedule: Sun ${String(index % 24).padStart(2, '0')}:30
        steps: [ snapshot, { proxy: { to: vault } } ]
    keep:
      main: ${keep(index)}
      vault: { weekly: 8 }
`,
  ).join('')}`;

const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-policies-'));
try {
  for (const name of ['plugins', 'data', 'main', 'vault']) mkdirSync(join(folder, name));
  const host = await openPluginHost({
    shippedFolder: join(project, 'plugins'),
    addedFolder: join(folder, 'plugins'),
    dataFolder: join(folder, 'data'),
    log: () => {},
  });
  const catalog = await openCatalog({ file: join(folder, 'catalog.db') });
  const now = Date.now();
  const machines = Array.from({ length: machineCount }, (_, index) => machineOf(index));
  await catalog.seenMachines('lab', machines);
  for (const machine of machines)
    await catalog.savePoints(
      Array.from({ length: pointCount }, (_, index) => pointOf(machine, index, now - (index + 1) * 24 * hour)),
    );
  const engine = openEngine({
    catalog,
    host,
    config: {
      config: {
        endpoints: { lab: { use: 'kvm-folder', path: folder } },
        targets: {
          main: { use: 'disk', path: join(folder, 'main') },
          vault: { use: 'disk', path: join(folder, 'vault') },
        },
        slots: { stream: 16, snapshot: 16 },
        keep: {},
        compression: 3,
        workers: 0,
        plugins: {},
        schedules: { runs: 16 },
      },
      origins: new Map(),
      files: [],
      untrusted: [],
    },
    secrets: { resolve: async (reference) => reference },
    openRepository: () => Promise.reject(new Error('planning opens no repository')),
    who: 'bench',
    holder: 'bench',
    now: () => now,
  });
  const call = makeCall({ who: 'bench' });
  const before = readPolicies(
    textOf(
      (index) => `{ tags: [team-${index}] }`,
      () => '{ daily: 30 }',
    ),
    '/bench',
  );
  await engine.policies.apply(before, { ...(await engine.policies.plan(before, call)), refusals: [] }, call);
  let slowest = 0;
  for (const [title, text] of [
    [
      'each machine by one policy',
      textOf(
        (index) => `{ tags: [team-${index}] }`,
        (index) => `{ daily: ${7 + (index % 7)} }`,
      ),
    ],
    [
      'each machine by all policies',
      textOf(
        (index) => `{ tags: [prod], except: [none-${index}-*] }`,
        (index) => `{ daily: ${index % 16}, weekly: ${1 + Math.floor(index / 16)} }`,
      ),
    ],
  ] as const)
    for (let round = 1; round <= 3; round += 1) {
      const cpu = process.cpuUsage();
      const begin = performance.now();
      const plan = await engine.policies.plan(readPolicies(text, '/bench'), call);
      const ms = performance.now() - begin;
      const { user, system } = process.cpuUsage(cpu);
      slowest = Math.max(slowest, ms);
      const { expires, forecasts, refusals, warnings } = plan;
      process.stdout.write(
        `${title}, round ${round}: ${Math.round(ms)} ms (${Math.round((user + system) / 1_000)} ms of processor time); ${expires.length} points would expire, ${forecasts.length} forecasts, ${refusals.length} refusals, ${warnings.length} warnings\n`,
      );
    }
  await catalog.close();
  await host.close();
  process.stdout.write(
    `slowest: ${Math.round(slowest)} ms for ${policyCount} policies over ${machineCount} machines with ${pointCount} restore points each\n`,
  );
  if (limitMs !== null && slowest > limitMs) {
    process.stderr.write(`a plan took longer than ${limitMs} ms\n`);
    process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
