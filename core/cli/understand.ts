import { HoldfastError, isHoldfastError } from '@holdfast/api';
import type { ShellCommand, Site } from '../shell/contract.ts';
import type { CommandRegistry } from '../shell/registry/registry.ts';
import type { TextStyle } from '../shell/render/text-style.ts';

/** What a command line wants: a command run with the words after it, or a text printed. */
export type Meaning =
  | { readonly kind: 'command'; readonly command: ShellCommand; readonly words: readonly string[] }
  | { readonly kind: 'text'; readonly lines: readonly string[] };

interface Known {
  readonly registry: CommandRegistry;
  readonly version: string;
}

const isHelp = (word: string): boolean => word === '--help' || word === '-h';

/** The words before the first flag. */
function leadingWords(rest: readonly string[]): readonly string[] {
  const end = rest.findIndex((word) => word.startsWith('-'));
  return end < 0 ? rest : rest.slice(0, end);
}

/** Adds what plugins contribute; a command that Holdfast has itself is not replaced. */
async function addContributed(registry: CommandRegistry, site: Site): Promise<void> {
  for (const command of await site.commands()) if (registry.get(command.id) === null) registry.add(command);
}

function unknown(registry: CommandRegistry, words: readonly string[]): HoldfastError {
  const meant = registry.suggest(words);
  return new HoldfastError('USAGE', `there is no command ${words.slice(0, 2).join(' ')}`, {
    remedy: meant === null ? '`holdfast --help` shows all commands' : `did you mean \`holdfast ${meant}\`?`,
  });
}

/**
 * Finds out what a command line wants. Plugins are only looked at for help and for words that Holdfast itself does not know.
 * @throws `USAGE` for words that nobody knows.
 */
export async function understand(
  rest: readonly string[],
  { registry, version }: Known,
  site: Site,
  style: TextStyle,
): Promise<Meaning> {
  const end = rest.indexOf('--');
  const before = end < 0 ? rest : rest.slice(0, end);
  if (before[0] === '--version' || before[0] === '-V') {
    return { kind: 'text', lines: [`holdfast ${version} on Node ${process.versions.node}`] };
  }
  const wantsHelp = rest.length === 0 || before[0] === 'help' || before.some(isHelp);
  const words = leadingWords(before).slice(before[0] === 'help' ? 1 : 0);
  let found = registry.find(words);
  const isWhole = found !== null && (found.kind === 'command' || found.used === words.length);
  if (!isWhole || (wantsHelp && words.length === 0)) {
    try {
      await addContributed(registry, site);
    } catch (problem) {
      // Help is there even where nothing else works; a word that nobody knows is told the reason.
      if (!wantsHelp || !isHoldfastError(problem)) throw problem;
    }
    found = registry.find(words);
  }
  if (wantsHelp && words.length === 0) {
    const { overviewHelp } = await import('./help.ts');
    return { kind: 'text', lines: overviewHelp(registry, style) };
  }
  if (found === null) {
    const strange = rest[0] ?? '';
    if (words.length > 0) throw unknown(registry, words);
    throw new HoldfastError('USAGE', `${strange} stands where a command should`, {
      remedy: '`holdfast --help` shows all commands',
    });
  }
  if (found.kind === 'topic') {
    if (found.used < words.length) throw unknown(registry, words);
    const { topicHelp } = await import('./help.ts');
    return { kind: 'text', lines: topicHelp(registry, found.topic, style) };
  }
  if (wantsHelp) {
    const { commandHelp } = await import('./help.ts');
    return { kind: 'text', lines: commandHelp(found.command, style) };
  }
  return { kind: 'command', command: found.command, words: rest.slice(found.used) };
}
