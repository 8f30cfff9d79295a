/**
 * What a key, a first paint and a session cost in this process: `node --expose-gc test/bench/terminal/keys.ts`. Only bytes and the time of
 * this process are counted; the way over a wire is measured elsewhere.
 */
import { setImmediate as turn } from 'node:timers/promises';
import type { Cell } from '@holdfast/api';
import { safeText } from '../../../core/model/text/safe-text.ts';
import type { Widget } from '../../../core/terminal/contract.ts';
import { openScreen } from '../../../core/terminal/screen/open.ts';
import { builtInThemes } from '../../../core/terminal/theme/built-in-themes.ts';
import { loadTheme } from '../../../core/terminal/theme/load-theme.ts';
import type { TableSource } from '../../../core/terminal/widgets/data/table-source.ts';
import { TableWidget } from '../../../core/terminal/widgets/data/table-widget.ts';
import { type Line, openLine } from './line.ts';

const columns = 200;
const rows = 60;

/** Costs of one key, in a table of so many rows. */
export interface KeyCost {
  readonly rows: number;
  /** What was done: a key within the page, scrolling by one row, a page further. */
  readonly kind: string;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuMs: number;
  readonly bytes: number;
  readonly mostBytes: number;
}

export interface ScreenCosts {
  readonly keys: readonly KeyCost[];
  /** Opening a screen until its first frame has been handed over; modules are loaded already. */
  readonly firstPaintMs: number;
  readonly firstPaintBytes: number;
  /** `null` without `--expose-gc`. */
  readonly sessionBytes: number | null;
}

const word = (text: string): Cell => ({ kind: 'text', text });

function machines(length: number): TableSource {
  const states = ['good', 'risk', 'bad'] as const;
  return {
    length,
    indexOf: (id) => Number(id),
    row: (index) => ({
      id: `${index}`,
      cells: {
        name: word(`vm-${String(index).padStart(7, '0')}`),
        kind: word(['vmware', 'xen', 'hyperv', 'kvm'][index % 4] ?? ''),
        state: { kind: 'state', text: ['safe', 'late', 'failed'][index % 3] ?? '', tone: states[index % 3] ?? 'good' },
        size: { kind: 'bytes', bytes: ((index * 7919) % 100_000) * 1_048_576 },
        last: word(`2026-11-22 07:${String(index % 60).padStart(2, '0')}`),
        policy: word(`policy-gold-${index % 13}`),
      },
    }),
  };
}

const [first] = builtInThemes;
if (first === undefined) throw new Error('there is no theme');
const theme = await loadTheme(first.file, first.id, first.label);

interface Session {
  readonly line: Line;
  close(): void;
}

async function open(count: number): Promise<Session> {
  const line = openLine(columns, rows);
  const table = new TableWidget({ now: () => 0, invalidate: () => screen.invalidate() });
  const names = ['name', 'kind', 'state', 'size', 'last', 'policy'];
  const head = { title: 'Machines', columns: names.map((key) => ({ key, title: key })), empty: 'none' };
  const widget: Widget = table;
  const screen = openScreen({
    tty: line.tty,
    theme: () => theme,
    draw: (surface) => widget.draw(surface, true),
    onCrash: (error) => {
      throw error;
    },
  });
  table.setSource(head, machines(count));
  screen.onInput((input) => {
    if (input.kind === 'key' && widget.key?.(input) === true) screen.invalidate();
  });
  screen.title(safeText('bench'));
  await new Promise<void>((done) => line.onceSent(done));
  await turn();
  return { line, close: () => screen.close() };
}

const at = (sorted: readonly number[], part: number): number => sorted[Math.floor(sorted.length * part)] ?? 0;

async function press(session: Session, packet: string, times: number): Promise<Omit<KeyCost, 'rows' | 'kind'>> {
  const { line } = session;
  const waits: number[] = [];
  const sizes: number[] = [];
  const cpu = process.cpuUsage();
  for (let i = 0; i < times; i++) {
    const before = line.bytes;
    const sent = new Promise<void>((done) => line.onceSent(done));
    const started = performance.now();
    line.type(packet);
    await sent;
    waits.push(performance.now() - started);
    await turn();
    sizes.push(line.bytes - before);
  }
  const { user, system } = process.cpuUsage(cpu);
  waits.sort((a, b) => a - b);
  return {
    p50Ms: at(waits, 0.5),
    p99Ms: at(waits, 0.99),
    cpuMs: (user + system) / 1000 / times,
    bytes: Math.round(sizes.reduce((sum, size) => sum + size, 0) / sizes.length),
    mostBytes: Math.max(...sizes),
  };
}

async function keysOf(count: number): Promise<KeyCost[]> {
  const session = await open(count);
  await press(session, 'j', 40);
  await press(session, 'k', 40);
  const page: KeyCost[] = [{ rows: count, kind: 'a key within the page', ...(await press(session, 'j', 40)) }];
  await press(session, 'j', 40);
  page.push({ rows: count, kind: 'a row further', ...(await press(session, 'j', 300)) });
  page.push({ rows: count, kind: 'a page further', ...(await press(session, '\x1b[6~', 60)) });
  session.close();
  return page;
}

async function memoryOf(count: number): Promise<number | null> {
  const collect = globalThis.gc;
  if (collect === undefined) return null;
  const used = async () => {
    for (let i = 0; i < 3; i++) {
      await turn();
      collect();
    }
    return process.memoryUsage().heapUsed + process.memoryUsage().external;
  };
  const before = await used();
  const sessions: Session[] = [];
  for (let i = 0; i < count; i++) sessions.push(await open(10_000));
  const after = await used();
  for (const session of sessions) session.close();
  return (after - before) / count;
}

/** Measures everything, a minute at most. */
export async function measureScreen(): Promise<ScreenCosts> {
  (await open(1000)).close();
  const keys = [...(await keysOf(10_000)), ...(await keysOf(1_000_000))];
  const started = performance.now();
  const session = await open(10_000);
  const firstPaintMs = performance.now() - started;
  const firstPaintBytes = session.line.bytes;
  session.close();
  return { keys, firstPaintMs, firstPaintBytes, sessionBytes: await memoryOf(20) };
}

if (process.argv[1] === import.meta.filename) {
  const { keys, ...rest } = await measureScreen();
  const round = (_key: string, value: unknown) => (typeof value === 'number' ? Number(value.toFixed(2)) : value);
  console.table(JSON.parse(JSON.stringify(keys, round)));
  console.log(JSON.parse(JSON.stringify(rest, round)));
}
