/** Reads made-up lines of every command both ways, and prints how many and where the two differ, as JSON. Run by `plain-words.test.ts`. */
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { parseLine } from '../../core/cli/oclif-run.ts';
import { readPlainly } from '../../core/cli/plain-words.ts';
import { builtInCommands } from '../../core/shell/commands/all.ts';
import type { ShellCommand } from '../../core/shell/contract.ts';
import { argumentsOf } from '../../core/shell/registry/arguments.ts';

const program = { root: `${import.meta.dirname}/../..`, version: '0.0.0' };
const values = ['vm1', 'a b', '7', '07', '1e3', '-', '-3', '-y', '--', '', 'a,b', 'a=b', '--no-json', '"x"', 'KEY=v'];

function wordsOf(command: ShellCommand): fc.Arbitrary<readonly string[]> {
  const own = argumentsOf(command).map(({ flag }) => `--${flag}`);
  const flag = fc.constantFrom(...own, '--yes', '-y', '--json', '--dry-run', '--break-glass', '--unknown');
  const value = fc.constantFrom(...values);
  const piece = fc.oneof(
    { arbitrary: value.map((word) => [word]), weight: 2 },
    { arbitrary: flag.map((word) => [word]), weight: 3 },
    { arbitrary: fc.tuple(flag, value), weight: 3 },
    { arbitrary: fc.tuple(flag, value).map(([name, given]) => [`${name}=${given}`]), weight: 1 },
  );
  return fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.flat());
}

let plain = 0;
const different: unknown[] = [];
for (const command of builtInCommands) {
  for (const words of fc.sample(wordsOf(command), { numRuns: 30, seed: 7 })) {
    const mine = readPlainly(command, words);
    if (mine === null) continue;
    plain += 1;
    const oclifs = await parseLine(command, words, program).catch((problem: unknown) => String(problem));
    if (!isDeepStrictEqual(mine, oclifs)) different.push({ command: command.id, words, mine, oclifs });
  }
}
console.log(JSON.stringify({ plain, different }));
