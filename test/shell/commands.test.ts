import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openPluginHost } from '../../core/host/open.ts';
import { builtInCommands } from '../../core/shell/commands/all.ts';
import { argumentsOf } from '../../core/shell/registry/arguments.ts';
import { contributedCommands } from '../../core/shell/registry/contributed.ts';
import { CommandRegistry } from '../../core/shell/registry/registry.ts';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'holdfast-commands-'));
afterAll(() => rmSync(folder, { recursive: true }));

const host = await openPluginHost({
  shippedFolder: join(root, 'plugins'),
  addedFolder: join(folder, 'added'),
  dataFolder: join(folder, 'data'),
  log: () => {},
});
const commands = [...builtInCommands, ...contributedCommands(host)];
const registry = new CommandRegistry(commands);

describe('every command', () => {
  it.each(commands.map((command) => [command.id, command] as const))(
    '%s has a title and describes each argument',
    (_id, command) => {
      expect(command.title).toMatch(/^[A-Z].*[^.]$/);
      for (const argument of argumentsOf(command)) expect(argument.description, argument.name).not.toBe('');
    },
  );

  it.each(builtInCommands.map((command) => [command.id, command] as const))(
    '%s loads its handler',
    async (_id, command) => {
      expect((await command.load()).run).toBeTypeOf('function');
    },
  );
});

describe('the registry', () => {
  it('finds the longest command that the words name', () => {
    expect(registry.find(['repository', 'key', 'list', 'main'])).toMatchObject({
      kind: 'command',
      used: 3,
      command: { id: 'repository.key.list' },
    });
    expect(registry.find(['machine'])).toEqual({ kind: 'topic', topic: 'machine', used: 1 });
    expect(registry.find(['florp'])).toBeNull();
  });

  it.each([
    [['machin', 'list'], 'machine list'],
    [['machine', 'lsit'], 'machine list'],
    [['proteect'], 'protect'],
    [['repository', 'key', 'lst'], 'repository key list'],
  ])('guesses what %j was meant to be', (words, meant) => {
    expect(registry.suggest(words)).toBe(meant);
  });

  it('refuses a second command of the same id', () => {
    const [first] = builtInCommands;
    expect(() => new CommandRegistry([...builtInCommands, ...(first === undefined ? [] : [first])])).toThrow(
      /two parts contribute/,
    );
  });
});
