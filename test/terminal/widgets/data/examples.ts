import type {
  ChartPoint,
  ChartView,
  DetailView,
  LogView,
  MarkdownView,
  TableView,
  TreeView,
  View,
} from '@holdfast/api';
import { hour, now } from './draw.ts';

const count = <T>(length: number, make: (index: number) => T): T[] => Array.from({ length }, (_, index) => make(index));

const states = [
  { kind: 'state', text: 'protected', tone: 'good' },
  { kind: 'state', text: 'protected', tone: 'good' },
  { kind: 'state', text: 'at risk', tone: 'risk' },
  { kind: 'state', text: 'protected', tone: 'good' },
  { kind: 'state', text: 'RPO missed', tone: 'bad' },
  { kind: 'state', text: 'running', tone: 'active' },
  { kind: 'state', text: 'unprotected', tone: 'quiet' },
] as const;
const words = ['web', 'erp-db', 'mail', 'データ', 'build'];

export const machineRow = (index: number): TableView['rows'][number] => ({
  id: `machine-${index}`,
  cells: {
    name: { kind: 'text', text: `${words[index % words.length]}-${index}` },
    state: states[index % states.length] ?? { kind: 'none' },
    on: { kind: 'text', text: `esx-lon-${(index % 4) + 1}` },
    policy: index % 6 === 5 ? { kind: 'none' } : { kind: 'text', text: index % 3 === 0 ? 'gold' : 'silver' },
    last: index % 6 === 5 ? { kind: 'none' } : { kind: 'time', at: now - index * 0.7 * hour - 12 * 60_000 },
    size: { kind: 'bytes', bytes: (index * 7 + 12) * 2 ** 30 },
    change: { kind: 'bytes', bytes: index % 2 === 0 ? (index + 1) * 2 ** 30 : (index + 1) * 90 * 2 ** 20 },
    met: { kind: 'ratio', ratio: 1 - index / 400 },
    disks: { kind: 'count', count: (index % 5) + 1 },
  },
});

export const machines: TableView = {
  kind: 'table',
  title: 'Machines',
  columns: [
    { key: 'name', title: 'name', priority: 0 },
    { key: 'state', title: 'state', priority: 0 },
    { key: 'on', title: 'on' },
    { key: 'policy', title: 'policy' },
    { key: 'last', title: 'last point', align: 'right' },
    { key: 'size', title: 'size', align: 'right' },
    { key: 'change', title: 'Δ a day', align: 'right', priority: 2 },
    { key: 'met', title: 'RPO met', align: 'right', priority: 3 },
    { key: 'disks', title: 'disks', align: 'right', priority: 4 },
  ],
  rows: count(64, machineRow),
  empty: 'no machine is known yet: `holdfast endpoint add` says where they are',
};

export const inventory: TreeView = {
  kind: 'tree',
  title: 'Inventory',
  roots: ['vcenter-lon', 'hyperv-ber', 'kvm-dr'].map((endpoint, at) => ({
    id: endpoint,
    label: endpoint,
    detail: { kind: 'count', count: 12 - 4 * at },
    children: count(3 - at, (cluster) => ({
      id: `${endpoint}-${cluster}`,
      label: `cluster-${cluster + 1}`,
      children: count(4, (machine) => ({
        id: `${endpoint}-${cluster}-${machine}`,
        label: `${words[(cluster + machine) % words.length]}-${machine}`,
        detail: states[(cluster + machine) % states.length] ?? { kind: 'none' },
        children: [],
      })),
    })),
  })),
  empty: 'no endpoint yet: `holdfast endpoint add` adds one',
};

export const run: DetailView = {
  kind: 'detail',
  title: 'Run 8f2c',
  fields: [
    { key: 'state', title: 'State', value: { kind: 'state', text: 'failed', tone: 'bad' } },
    { key: 'machine', title: 'Machine', value: { kind: 'text', text: 'vcenter-lon/erp-db' } },
    { key: 'created', title: 'Asked for', value: { kind: 'time', at: now - 38 * 60_000 } },
    { key: 'took', title: 'Took', value: { kind: 'duration', ms: 284_000 } },
    { key: 'read', title: 'Read from the machine', value: { kind: 'bytes', bytes: 18.2 * 2 ** 30 } },
    { key: 'point', title: 'Restore point', value: { kind: 'none' } },
    {
      key: 'problem',
      title: 'Problem',
      value: {
        kind: 'text',
        text: 'the snapshot was refused: datastore ds-fast is 97 % full, and a snapshot of erp-db needs 41 GiB more than there is [SNAPSHOT_FAILED]',
      },
    },
  ],
};

export const log: LogView = {
  kind: 'log',
  title: 'Log',
  lines: count(120, (index) => ({
    at: now - (120 - index) * 1000,
    level: index % 13 === 9 ? 'warn' : index % 29 === 20 ? 'error' : index % 17 === 3 ? 'debug' : 'info',
    text:
      index % 5 === 0
        ? `disk ${index}: 4,112 changed extents since the last restore point, reading by nbd with eight in flight, source esx-lon-2, target disk-main`
        : `disk ${index}: read ${index * 31} extents`,
  })),
};

export const prose: MarkdownView = {
  kind: 'markdown',
  title: '',
  text: `# Protect your first machine

Holdfast reads a machine **while it runs**, and keeps *restore points* on a target. See [the guide](https://holdfast.test/guide) for more.

## What to do
1. Say where your machines are: \`holdfast endpoint add\`
2. Say where restore points go
   - a disk folder is the easiest
   - tape and cloud come later, when you know how much there is to keep and for how long it has to be kept
- [x] done already
- [ ] still to do

> Nothing is changed on the machine before you have seen what will happen.

\`\`\`
holdfast machine protect erp-db --to disk-main
\`\`\`

---
That is all.`,
};

export const changeRate: ChartView = {
  kind: 'chart',
  title: 'Change rate',
  form: 'line',
  unit: 'bytes',
  series: [
    {
      title: 'web-07',
      points: count(72, (index) => ({
        x: now - (72 - index) * hour,
        y: (2 + Math.sin(index / 6)) * 2 ** 30 * (index === 50 ? 3 : 1),
        ...(index === 50 ? ({ tone: 'bad', notes: ['burst', 'entropy rose'] } as const) : {}),
      })),
    },
  ],
};

export const targets: ChartView = {
  kind: 'chart',
  title: 'Targets',
  form: 'bar',
  unit: 'bytes',
  series: [
    {
      title: 'disk-main',
      points: [{ x: 0, y: 41.2 * 2 ** 40, id: 'disk-main', tone: 'good', notes: ['71 days left'] }],
    },
    { title: 's3-fra', points: [{ x: 0, y: 12.8 * 2 ** 40, id: 's3-fra', tone: 'risk', notes: ['locked 90 d'] }] },
    { title: 'vault-lto', points: [{ x: 0, y: 0.4 * 2 ** 40, id: 'vault-lto' }] },
  ],
};

const restorePoints = (length: number): ChartPoint[] =>
  count(length, (index) => ({
    x: now - (length - index) * 6 * hour,
    y: 1,
    id: `point-${index}`,
    tone: index % 11 === 5 ? 'bad' : index % 17 === 9 ? 'risk' : 'good',
    notes: [
      ...(index % 5 === 0 ? ['verified', 'booted 3 d ago'] : []),
      ...(index % 7 === 1 ? ['locked until 2027-02-20'] : []),
      'application-consistent',
    ],
  }));

export const timeline: ChartView = {
  kind: 'chart',
  title: 'Restore points of web-07',
  form: 'timeline',
  unit: 'count',
  series: [
    { title: 'disk-main', points: restorePoints(42) },
    { title: 's3-fra', points: restorePoints(13) },
  ],
};

export const rpo: ChartView = {
  kind: 'chart',
  title: 'RPO, the last 48 hours',
  form: 'heat',
  unit: 'ratio',
  series: count(30, (row) => ({
    title: `web-${row}`,
    points: count(48, (cell) => ({
      x: cell,
      y: Math.max(0, Math.sin(cell / 5 + row) * 1.2),
      id: `web-${row}`,
      notes: [`hour ${cell}`],
    })),
  })),
};

export const stack: View = {
  kind: 'stack',
  title: '',
  views: [run, { ...machines, title: 'Steps', rows: machines.rows.slice(0, 5) }, log],
};

/** One of each kind, by name. */
export const examples: Readonly<Record<string, View>> = {
  table: machines,
  'empty table': { ...machines, rows: [] },
  tree: inventory,
  detail: run,
  log,
  prose,
  'line chart': changeRate,
  'bar chart': targets,
  timeline,
  'heat map': rpo,
  stack,
};
