import type { Plain } from '@holdfast/api';
import { needsApproval } from '../shell/access/roles.ts';
import type { ShellCommand } from '../shell/contract.ts';
import type { Arguments } from '../shell/registry/argument-values.ts';
import { type Argument, argumentsOf } from '../shell/registry/arguments.ts';

/** What a flag fills, `null` for one that the front has read already, and what it takes. */
interface Flag {
  readonly property: string | null;
  readonly type: Argument['type'];
}

const yes: Flag = { property: 'yes', type: 'boolean' };

/** Flags by how they are written, the command's own before common ones of the same name. */
function flagsOf(command: ShellCommand, own: readonly Argument[]): ReadonlyMap<string, Flag> {
  const flags = new Map<string, Flag>([['--json', { property: null, type: 'boolean' }]]);
  if (command.danger !== 'read') {
    flags.set('--dry-run', { property: 'dryRun', type: 'boolean' });
    flags.set('--yes', yes).set('-y', yes);
    if (needsApproval(command)) flags.set('--break-glass', { property: 'breakGlass', type: 'string' });
  }
  for (const { position, flag, name, type } of own)
    if (position === null) flags.set(`--${flag}`, { property: name, type });
  // What is parted by commas has rules of its own for quotes and spaces.
  for (const { flag, separator } of own) if (separator !== null) flags.delete(`--${flag}`);
  return flags;
}

/** Takes a value in; a list grows by it. */
function put(given: Record<string, Plain>, name: string, type: Argument['type'], written: string): void {
  const known = given[name];
  if (type === 'list') given[name] = [...(Array.isArray(known) ? known : []), written];
  else given[name] = type === 'string' ? written : Number(written);
}

/**
 * Reads words that can only mean one thing: plain words, one for each place, and flags of this command written in full, each once but for lists.
 * Loading oclif takes longer than most of what such a line asks for.
 * @returns What oclif would make of them; `null` for all else, mistakes among it, which is oclif's to read.
 */
export function readPlainly(command: ShellCommand, words: readonly string[]): Arguments | null {
  const own = argumentsOf(command);
  // Letters of the command's own might be written together, or be `-y`.
  if (own.some(({ short, flag }) => short !== null || flag === 'yes')) return null;
  const flags = flagsOf(command, own);
  const places = own.filter(({ position }) => position !== null);
  // Words before a list and after it would have to be told from those in it.
  if (places.slice(0, -1).some(({ type }) => type === 'list')) return null;
  const given: Record<string, Plain> = {};
  const seen = new Set<string>();
  let placed = 0;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (!word.startsWith('-')) {
      const place = places[placed];
      if (word === '' || place === undefined || place.type === 'boolean') return null;
      if (place.type !== 'list') placed += 1;
      put(given, place.name, place.type, word);
      continue;
    }
    const flag = flags.get(word);
    if (flag === undefined || (flag.type !== 'list' && seen.has(word))) return null;
    seen.add(word);
    if (flag.type === 'boolean') {
      if (flag.property !== null) given[flag.property] = true;
      continue;
    }
    const value = words[++at];
    if (value === undefined || value === '' || value.startsWith('-') || flag.property === null) return null;
    put(given, flag.property, flag.type, value);
  }
  return given;
}
