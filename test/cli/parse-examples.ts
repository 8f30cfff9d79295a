/** Parses every example of every command as the command line would, and prints what came of it as JSON. Run by `examples.test.ts`. */
import { join } from 'node:path';
import { splitGlobals } from '../../core/cli/globals.ts';
import { parseLine } from '../../core/cli/oclif-run.ts';
import { openPluginHost } from '../../core/host/open.ts';
import { builtInCommands } from '../../core/shell/commands/all.ts';
import { argumentsOf } from '../../core/shell/registry/arguments.ts';
import { checkArguments } from '../../core/shell/registry/check-arguments.ts';
import { contributedCommands } from '../../core/shell/registry/contributed.ts';
import { CommandRegistry } from '../../core/shell/registry/registry.ts';

const root = join(import.meta.dirname, '../..');
const folder = process.argv[2] ?? '';
const host = await openPluginHost({
  shippedFolder: join(root, 'plugins'),
  addedFolder: join(folder, 'added'),
  dataFolder: join(folder, 'data'),
  log: () => {},
});
const registry = new CommandRegistry([...builtInCommands, ...contributedCommands(host)]);

/** The words of an example as a shell would part them, up to a pipe or a redirection. */
function shellWords(example: string): readonly string[] {
  const parts = [...example.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)];
  const words = parts.map(([, single, double, bare]) => single ?? double ?? bare ?? '');
  const end = words.findIndex((word) => word === '|' || word === '>');
  return end < 0 ? words : words.slice(0, end);
}

async function problemOf(id: string, example: string): Promise<string | null> {
  const [program, ...rest] = shellWords(example);
  if (program !== 'holdfast') return 'does not begin with holdfast';
  const words = splitGlobals(rest).rest;
  const found = registry.find(words);
  if (found?.kind !== 'command' || found.command.id !== id) return 'names another command';
  const { command, used } = found;
  const given = await parseLine(command, words.slice(used), { root, version: '0.0.0' });
  const own = argumentsOf(command).map(({ name }) => name);
  const checked = checkArguments(
    command,
    Object.fromEntries(Object.entries(given).filter(([name]) => own.includes(name))),
  );
  const missing = argumentsOf(command).find(({ name, required }) => required && checked[name] === undefined);
  return missing === undefined ? null : `lacks ${missing.name}`;
}

const outcomes: Record<string, Record<string, string | null>> = {};
for (const { id, examples = [] } of registry.all()) {
  const own: Record<string, string | null> = {};
  for (const example of examples) {
    own[example] = await problemOf(id, example).catch((problem) => String(problem));
  }
  outcomes[id] = own;
}
await host.close();
console.log(JSON.stringify(outcomes));
