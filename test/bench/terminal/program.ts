/** The workbench over a desk with 10,000 machines, as a process of its own: `node program.ts local|serve`. */
import { localTty } from '../../../core/terminal/screen/local-tty.ts';
import { openWorkbench } from '../../../core/terminal/workbench/open.ts';
import { largeDesk } from './desk.ts';
import { serve } from './serve.ts';

if (process.argv[2] === 'serve') {
  await serve();
} else {
  const tty = localTty();
  const bench = openWorkbench({ tty, desk: largeDesk() });
  await bench.ended;
  tty.close();
}
