/** What workbenches take and leave behind: `node --expose-gc memory.ts <how many come and go>`. Prints JSON. */
import { setTimeout as rest, setImmediate as turn } from 'node:timers/promises';
import { openWorkbench } from '../../../core/terminal/workbench/open.ts';
import { largeDesk } from './desk.ts';
import { openLine } from './line.ts';
import { columns, rows } from './talk.ts';

export interface MemoryCosts {
  /** A session that shows 10,000 machines which others show too. */
  readonly eachBytes: number;
  /** The same with an answer of its own. */
  readonly eachOwnBytes: number;
  readonly leftBytes: number;
}

const collect = globalThis.gc;
if (collect === undefined) throw new Error('run it with --expose-gc');

async function used(): Promise<number> {
  for (let i = 0; i < 4; i++) {
    await rest(20);
    collect?.();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

let opened = 0;

async function open(isShared = true): Promise<() => Promise<void>> {
  const line = openLine(columns, rows);
  const bench = openWorkbench({ tty: line.tty, desk: largeDesk({}, isShared) });
  await new Promise<void>((done) => line.onceSent(done));
  line.type('2');
  for (let i = 0; i < 500 && !bench.text().includes('vm-00003'); i++) await turn();
  if (!bench.text().includes('vm-00003')) throw new Error('the machines were never shown');
  line.type('jjj');
  await turn();
  // Half of them say goodbye, half are cut off.
  opened += 1;
  const isCut = opened % 2 === 0;
  return async () => {
    if (isCut) line.hangUp();
    else bench.close();
    await bench.ended;
  };
}

async function comeAndGo(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await (await open())();
}

async function each(count: number, isShared: boolean): Promise<number> {
  const before = await used();
  const ends: (() => Promise<void>)[] = [];
  for (let i = 0; i < count; i++) ends.push(await open(isShared));
  const during = await used();
  for (const end of ends.splice(0)) await end();
  return (during - before) / count;
}

const count = Number(process.argv[2] ?? 1000);
await comeAndGo(Math.min(200, count));
const eachBytes = await each(20, true);
const eachOwnBytes = await each(5, false);
const before = await used();
await comeAndGo(count);
const costs: MemoryCosts = { eachBytes, eachOwnBytes, leftBytes: (await used()) - before };
console.log(JSON.stringify(costs));
process.exit();
