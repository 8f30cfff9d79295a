import type { ShellCommand } from '../contract.ts';
import type { Argument } from '../registry/arguments.ts';
import type { Actor, Role } from './contract.ts';
import { contributedRoles, roleTable } from './role-table.ts';

export { allRoles, roleTable } from './role-table.ts';

/** What it takes to know who may run a command. */
export type Ruled = Pick<ShellCommand, 'id' | 'danger' | 'plugin' | 'fourEyes'>;

/** The roles of whoever owns the data folder: the root of trust. Four eyes are asked of them too. */
export const localRoles: readonly Role[] = ['administrator', 'approver', 'auditor'];

/** Whether somebody sits at the local console, as the owner of the data folder. */
export const isLocal = (actor: Actor): boolean => actor.from === 'local';

/** The roles that a command takes, any one of them. Of a command that nobody has thought of: none. */
export function rolesFor(command: Ruled): readonly Role[] {
  if (command.plugin !== undefined) return contributedRoles[command.danger];
  return Object.hasOwn(roleTable, command.id) ? (roleTable[command.id] ?? []) : [];
}

/** Whether somebody's roles let them run a command, whatever its arguments. The same for every front. */
export function mayRun(actor: Actor, command: Ruled): boolean {
  return rolesFor(command).some((role) => actor.roles.includes(role));
}

/** Whether a command waits for a second person where the configuration asks for that: it destroys, or it hands out power. */
export const needsApproval = (command: Ruled): boolean => command.danger === 'destroy' || command.fourEyes === true;

/**
 * Whether somebody may name this in an argument. Files of the machine that Holdfast runs on are for its administrators: with a new file in the right place
 * one becomes whoever runs the server. `-` is the caller's own stream.
 */
export function mayName(actor: Actor, argument: Argument, value: unknown): boolean {
  if (argument.completes !== 'file' || isLocal(actor) || actor.roles.includes('administrator')) return true;
  return value === undefined || value === '' || value === '-';
}
