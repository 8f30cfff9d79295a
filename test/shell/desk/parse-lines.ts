/** Parses lines as the program does, natively: oclif loads its commands by itself. One JSON document a line, both ways. */
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseLine } from '../../../core/cli/oclif-run.ts';
import { builtInCommands } from '../../../core/shell/commands/all.ts';
import { jsonLine } from './json-line.ts';

const program = { root: join(import.meta.dirname, '../../..'), version: '0.0.0' };

for await (const line of createInterface({ input: process.stdin })) {
  const { id, words }: { id: string; words: string[] } = JSON.parse(line);
  const command = builtInCommands.find((one) => one.id === id);
  try {
    const args = command === undefined ? null : await parseLine(command, words, program);
    process.stdout.write(jsonLine({ args }));
  } catch (problem) {
    process.stdout.write(jsonLine({ problem: String(problem) }));
  }
}
