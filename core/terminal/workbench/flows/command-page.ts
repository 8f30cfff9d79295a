import type { ShellCommand } from '../../../shell/contract.ts';
import type { Bench, Page } from '../contract.ts';
import { FormPage } from './form/form-page.ts';
import type { Fields } from './reading.ts';

/** The same form opened with the same values is the same page. */
export const formId = (command: string, given: Fields): string =>
  Object.keys(given).length === 0 ? `command:${command}` : `command:${command}:${JSON.stringify(given)}`;

/** Any command as a form made from its schema, with a preview of what it would do. */
export function commandPage(bench: Bench, command: ShellCommand, given: Fields = {}): Page {
  return new FormPage(bench, { id: formId(command.id, given), command, given });
}
