import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as rest } from 'node:timers/promises';
import { promisify } from 'node:util';
import { newcomer, setUp } from '../../e2e/workbench/installation.ts';
import { type Figure, median } from './figures.ts';
import { openPty, wordsOf } from './talk.ts';

const program = [process.execPath, join(import.meta.dirname, '../../../core/cli/holdfast.js')];

/** From the start of the process to the first byte, and to the first row that says something. */
async function firstPaint(env: Readonly<Record<string, string>>): Promise<{ byteMs: number; rowMs: number }> {
  const began = performance.now();
  const talk = openPty(program, { env: { ...env, TERM: 'xterm-256color' } });
  let byteMs = 0;
  let text = '';
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const undo = talk.onData((more) => {
    if (byteMs === 0) byteMs = performance.now() - began;
    text += more;
    if (wordsOf(text).includes('Overview')) resolve(performance.now() - began);
  });
  const late = setTimeout(() => reject(new Error(`the program showed ${JSON.stringify(text.slice(0, 500))}`)), 20_000);
  try {
    return { rowMs: await promise, byteMs };
  } finally {
    clearTimeout(late);
    undo();
    // Left as a person leaves it: only then does Node keep what it compiled.
    talk.type('\x11');
    await Promise.race([talk.ended, rest(2000)]);
    await talk.close();
  }
}

/** Starts the real program on a home with an endpoint and a repository. */
export async function measureStart(rounds: number): Promise<Figure[]> {
  await using person = await newcomer('web-07');
  await setUp(person);
  const cold = await firstPaint(person.env);
  const paints: { byteMs: number; rowMs: number }[] = [];
  for (let i = 0; i < rounds; i++) paints.push(await firstPaint(person.env));
  const command = async (...words: string[]): Promise<number> => {
    const [file = '', ...args] = program;
    const waits: number[] = [];
    for (let i = 0; i <= rounds; i++) {
      const began = performance.now();
      await promisify(execFile)(file, [...args, ...words], { env: person.env, cwd: person.home });
      // The first fills the compile cache.
      if (i > 0) waits.push(performance.now() - began);
    }
    return median(waits);
  };
  const how = `median of ${rounds}`;
  return [
    {
      what: 'first row of text, process start included',
      value: median(paints.map(({ rowMs }) => rowMs)),
      unit: 'ms',
      atMost: 350,
      how,
    },
    {
      what: 'first byte, process start included',
      value: median(paints.map(({ byteMs }) => byteMs)),
      unit: 'ms',
      atMost: null,
      how,
    },
    {
      what: 'first row of text at the very first start',
      value: cold.rowMs,
      unit: 'ms',
      atMost: null,
      how: 'its workbench not yet in the compile cache',
    },
    { what: '`holdfast --help`', value: await command('--help'), unit: 'ms', atMost: 200, how },
    {
      what: '`holdfast machine list --json`',
      value: await command('machine', 'list', '--json'),
      unit: 'ms',
      atMost: 200,
      how: `${how}; one machine`,
    },
  ];
}
