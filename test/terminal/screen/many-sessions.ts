/** Opens and closes sessions and prints what they take and what they leave: `node --expose-gc many-sessions.ts <how many>`. */
import { setImmediate as turn } from 'node:timers/promises';
import { safeText } from '../../../core/model/text/safe-text.ts';
import { openScreen } from '../../../core/terminal/screen/open.ts';
import { openLine } from '../../bench/terminal/line.ts';
import { testTheme } from '../emulator/test-theme.ts';

const theme = testTheme();
const collect = globalThis.gc;
if (collect === undefined) throw new Error('run it with --expose-gc');

async function used(): Promise<number> {
  for (let i = 0; i < 4; i++) {
    await turn();
    collect?.();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

let opened = 0;

async function open(): Promise<() => void> {
  const line = openLine(200, 60);
  const screen = openScreen({
    tty: line.tty,
    theme: () => theme,
    draw: (surface) => {
      for (let y = 0; y < 60; y++) surface.text(0, y, safeText(`row ${y} ● of many `.repeat(10)));
    },
    onCrash: (error) => {
      throw error;
    },
  });
  screen.onInput(() => {});
  screen.onResize(() => {});
  screen.onClose(() => {});
  await new Promise<void>((done) => line.onceSent(done));
  line.type('\x1b[Aj');
  line.type('\x1b');
  // Half of them say goodbye, half are cut off.
  opened += 1;
  return opened % 2 === 0 ? () => screen.close() : () => line.hangUp();
}

async function comeAndGo(count: number): Promise<void> {
  for (let i = 0; i < count; i++) (await open())();
}

const count = Number(process.argv[2] ?? 1000);
await comeAndGo(300);
const before = await used();
const ends: (() => void)[] = [];
for (let i = 0; i < 20; i++) ends.push(await open());
const during = await used();
for (const end of ends.splice(0)) end();
await comeAndGo(count);
const after = await used();
console.log(JSON.stringify({ eachBytes: (during - before) / 20, leftBytes: after - before }));
