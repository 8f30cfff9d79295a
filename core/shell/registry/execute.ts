import type { Call, CommandResult, Plain } from '@holdfast/api';
import type { ShellCommand, Site } from '../contract.ts';
import { completeArguments } from './answers.ts';
import type { Arguments } from './argument-values.ts';
import { checkArguments } from './check-arguments.ts';

/** The words that every changing command understands besides its own arguments. */
const commonWords = ['dryRun', 'yes'];

/**
 * Runs a command: checks its arguments, asks for what is missing, calls its handler. Every front goes through here.
 * @param given By property name; `dryRun` and `yes` are taken where the command changes anything.
 */
export async function executeCommand(
  site: Site,
  command: ShellCommand,
  given: Arguments,
  call: Call,
): Promise<CommandResult> {
  const own: Record<string, Plain> = {};
  const common: Record<string, Plain> = {};
  for (const [name, value] of Object.entries(given)) {
    const isCommon = command.danger !== 'read' && commonWords.includes(name);
    if (isCommon) common[name] = value === true;
    else own[name] = value;
  }
  const checked = checkArguments(command, own);
  const complete = checkArguments(command, await completeArguments(command, checked, site.ask));
  const { run } = await command.load();
  return run(site, { ...complete, ...common }, call);
}
