import { type Call, HoldfastError, type Plain } from '@holdfast/api';
import type { Actor } from '../access/contract.ts';
import { isLocal, mayName, needsApproval, rolesFor } from '../access/roles.ts';
import { approvedArguments } from '../audit/audited-arguments.ts';
import type { ShellCommand, Site } from '../contract.ts';
import { type Arguments, isSet } from './argument-values.ts';
import { argumentsOf, spell } from './arguments.ts';
import type { Trail } from './trail.ts';

const words = ({ id }: ShellCommand): string => id.replaceAll('.', ' ');

/** The error of somebody whose roles do not let them. */
export function denied(actor: Actor, command: ShellCommand): HoldfastError {
  const roles = rolesFor(command);
  const needs = roles.length === 0 ? 'is for nobody' : `takes the role ${roles.join(' or ')}`;
  const has = actor.roles.length === 0 ? 'no role' : actor.roles.join(', ');
  return new HoldfastError('ACCESS_DENIED', `${words(command)} ${needs}; ${actor.name} has ${has}`, {
    facts: { command: command.id, user: actor.name },
  });
}

/** What somebody named who may not name it; `null` when all is well. */
export function deniedName(actor: Actor, command: ShellCommand, args: Arguments): HoldfastError | null {
  const argument = argumentsOf(command).find((one) => !mayName(actor, one, args[one.name]));
  if (argument === undefined) return null;
  return new HoldfastError('ACCESS_DENIED', `${spell(argument)} names a file of the machine that Holdfast runs on`, {
    remedy: 'that is for administrators; write `-` to get it over your own connection, where the command takes that',
    facts: { command: command.id, argument: argument.name },
  });
}

/**
 * Lets a command go on that destroys, once somebody else has agreed to exactly this, or somebody breaks the glass.
 * @returns What of it belongs into the audit log.
 * @throws `APPROVAL_MISSING`, `APPROVAL_TOO_EARLY`, `APPROVAL_EXPIRED`, `ACCESS_DENIED`.
 */
export async function permit(
  site: Site,
  command: ShellCommand,
  args: Arguments,
  given: { readonly yes: boolean; readonly breakGlass: string | null },
  trail: Trail,
  call: Call,
): Promise<Readonly<Record<string, Plain>>> {
  if (!needsApproval(command)) return {};
  if (given.breakGlass !== null) return breakGlass(site, command, given.breakGlass, trail, call);
  const { config } = await site.config();
  if (config.approvals?.destroy !== true) return { approval: 'not asked for' };
  if (!given.yes && site.ask === null) {
    // Before the approval is used up: the command itself would say no later.
    throw new HoldfastError('CONFIRMATION_MISSING', `nobody is here to agree to ${words(command)}`, {
      remedy: 'add `--yes` if that is what you want, or `--dry-run` to see it first',
    });
  }
  const access = await site.access();
  const { id, decided, asked } = await access.use(command.id, approvedArguments(command, args), site.actor);
  return { approval: id, askedBy: asked.by, grantedBy: decided?.by ?? null };
}

/** A reason that somebody gave for doing without the second person. */
export function breakGlassReason(command: ShellCommand, value: Plain): string | null {
  if (value === undefined || value === null) return null;
  if (!needsApproval(command)) {
    throw new HoldfastError('USAGE', `${words(command)} waits for nobody: --break-glass means nothing to it`);
  }
  if (typeof value === 'string' && value.trim().length >= 3) return value.trim();
  throw new HoldfastError('USAGE', '--break-glass wants a reason that others will understand later');
}

async function breakGlass(
  site: Site,
  command: ShellCommand,
  reason: string,
  trail: Trail,
  call: Call,
): Promise<Readonly<Record<string, Plain>>> {
  if (!isLocal(site.actor) || !site.actor.roles.includes('administrator')) {
    throw new HoldfastError('ACCESS_DENIED', 'the glass is broken by an administrator at the local console only', {
      remedy: 'ask for an approval: `holdfast approval ask`',
      facts: { command: command.id },
    });
  }
  await trail.note('break-glass', { reason });
  call.log('warn', `glass broken for ${words(command)}: ${reason} (in the audit log, with your name)`);
  return { approval: 'break-glass' };
}

/** Whether these arguments make a command change anything. */
export function isChange(command: ShellCommand, args: Arguments): boolean {
  if (isSet(args, 'dryRun')) return false;
  return command.changes?.(args) ?? command.danger !== 'read';
}
