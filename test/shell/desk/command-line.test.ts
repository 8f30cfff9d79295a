import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Plain } from '@holdfast/api';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtInCommands } from '../../../core/shell/commands/all.ts';
import type { ShellCommand } from '../../../core/shell/contract.ts';
import { commandLineOf } from '../../../core/shell/desk/command-line.ts';
import { type Argument, argumentsOf } from '../../../core/shell/registry/arguments.ts';
import { checkArguments } from '../../../core/shell/registry/check-arguments.ts';
import { shellWord } from '../../../core/shell/registry/command-line.ts';
import { jsonLine } from './json-line.ts';

let parser: ChildProcess;
let answers: AsyncIterator<string>;
beforeAll(() => {
  parser = spawn(process.execPath, [join(import.meta.dirname, 'parse-lines.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  if (parser.stdout !== null) answers = createInterface({ input: parser.stdout })[Symbol.asyncIterator]();
});
afterAll(() => void parser.stdin?.end());

/** The program's own parser, in a process of its own. */
async function parse(id: string, words: readonly string[]): Promise<Readonly<Record<string, Plain>>> {
  parser.stdin?.write(jsonLine({ id, words }));
  const { args, problem } = JSON.parse((await answers.next()).value);
  if (args === undefined) throw new Error(problem);
  return args;
}

function commandNamed(id: string): ShellCommand {
  const found = builtInCommands.find((command) => command.id === id);
  if (found === undefined) throw new Error(`there is no ${id}`);
  return found;
}

/** Takes a line apart as a real shell does. */
function words(line: string): readonly string[] {
  const shown = execFileSync('bash', ['--norc', '--noprofile', '-c', `printf '%s\\0' ${line}`], {
    encoding: 'utf8',
    env: { LC_ALL: 'C.UTF-8' },
  });
  return shown.split('\0').slice(0, -1);
}

/** What the program's own parser makes of a line, with defaults filled in. */
async function parsed(command: ShellCommand, line: string) {
  const rest = words(line).slice(1 + command.id.split('.').length);
  const { dryRun, yes, ...own } = await parse(command.id, rest);
  return { ...checkArguments(command, own), ...(dryRun === true ? { dryRun } : {}), ...(yes === true ? { yes } : {}) };
}

describe('the command line that does the same', () => {
  it.each([
    ['machine.list', {}, 'holdfast machine list'],
    [
      'restore.machine',
      { name: 'web-07', at: 'latest', as: 'web 07 r' },
      "holdfast restore machine web-07 --as 'web 07 r'",
    ],
    ['protect', { machines: ['a', 'lab/b'], to: 'main' }, 'holdfast protect a lab/b --to main'],
    ['protect', { machines: ['a'], steps: ['snapshot', 'proxy'] }, 'holdfast protect a'],
    [
      'protect',
      { machines: ['a'], steps: ['snapshot'], dryRun: true },
      'holdfast protect a --steps snapshot --dry-run',
    ],
    ['protect', { machines: ['-x'], yes: true }, 'holdfast protect --yes -- -x'],
    ['endpoint.add', { name: 'lab', set: ['a=1', 'b=2'] }, 'holdfast endpoint add lab --set a=1 --set b=2'],
    ['run.list', { limit: 50, state: 'failed' }, 'holdfast run list --state failed'],
    ['run.list', { limit: 7 }, 'holdfast run list --limit 7'],
    ['point.export', { point: '8f2c', to: '-' }, 'holdfast point export 8f2c --to=-'],
    ['restore.machine', { as: "it's" }, "holdfast restore machine MACHINE --as 'it'\\''s'"],
    ['restore.machine', {}, 'holdfast restore machine MACHINE --as NAME'],
    ['restore.machine', { name: 'x\u001b]0;y\n' }, "holdfast restore machine $'x\\033]0;y\\012' --as NAME"],
  ])('%s with %j is %s', (id, args, line) => {
    expect(commandLineOf(commandNamed(id), args, 'holdfast')).toBe(line);
  });

  it('never shows a secret', () => {
    const command: ShellCommand = {
      ...commandNamed('machine.list'),
      args: {
        type: 'object',
        properties: { word: { type: 'string', secret: true }, name: { type: 'string' } },
        required: ['word'],
      },
    };
    expect(commandLineOf(command, { word: 'hunter2', name: 'x' }, 'holdfast')).toBe('holdfast machine list --name x');
  });

  it('is one line and quoted as the shell takes it, whatever is in a word', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 30 }), (text) => {
        const word = text.replaceAll('\0', '');
        const line = shellWord(word);
        expect(line).not.toMatch(/[\x00-\x1f\x7f]/);
        expect(words(`x${line} ${line}`)[1] ?? '').toBe(word);
      }),
      { numRuns: 60 },
    );
  });

  it('is taken apart by the program into the very arguments that it was made from', async () => {
    // What must be written in some way of its own is no matter of quoting.
    const commands = builtInCommands.filter((command) => {
      const known = argumentsOf(command);
      return known.length > 0 && known.every(({ pattern }) => pattern === null);
    });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...commands).chain((command) => fc.tuple(fc.constant(command), argumentsArbitrary(command))),
        async ([command, args]) => {
          const line = commandLineOf(command, args, 'holdfast');
          const { dryRun, yes, ...own } = args as Record<string, never>;
          const meant = { ...checkArguments(command, own), ...(dryRun ? { dryRun } : {}), ...(yes ? { yes } : {}) };
          expect(await parsed(command, line), line).toEqual(meant);
        },
      ),
      { numRuns: 150, interruptAfterTimeLimit: 40_000 },
    );
  }, 60_000);
});

const wordArbitrary = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
  fc.constantFrom(
    '--json',
    '-y',
    '--',
    'a,b',
    '"quoted"',
    "'x'",
    ' blank ',
    'back\\',
    '$HOME',
    '`id`',
    '~',
    '=x',
    '*',
    'a=b,c',
    'é…',
    '!x',
    'two\u2028lines',
  ),
);

/** What is written like a flag of the command cannot be the value of one: the parser takes it for that flag in any case. */
const isFlag = (word: string): boolean => /^--(json|dry-run|yes)$|^-y/.test(word);

function valueArbitrary(argument: Argument): fc.Arbitrary<unknown> {
  const word = wordArbitrary.filter((one) => argument.position !== null || !isFlag(one));
  const text = argument.options === null ? word : fc.constantFrom(...argument.options);
  switch (argument.type) {
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer({ min: argument.minimum ?? -5, max: argument.maximum ?? 1_000_000 });
    case 'number':
      return fc.double({ min: argument.minimum ?? -5, max: argument.maximum ?? 1e6, noNaN: true });
    case 'list':
      return fc.array(text, { minLength: 1, maxLength: 4 });
    case 'string':
      return text;
  }
}

/** Arguments of a command: what is required, and of the rest what comes; no positional one after a gap. */
function argumentsArbitrary(command: ShellCommand): fc.Arbitrary<Record<string, Plain>> {
  const own = argumentsOf(command).filter(({ secret }) => !secret);
  const common = command.danger === 'read' ? {} : { dryRun: fc.constant(true), yes: fc.constant(true) };
  const shape = Object.fromEntries(own.map((argument) => [argument.name, valueArbitrary(argument)]));
  const requiredKeys = own.filter(({ required, position }) => required || position !== null).map(({ name }) => name);
  return fc.record({ ...shape, ...common }, { requiredKeys: requiredKeys as never[] }) as never;
}
