import { type Call, type CommandResult, HoldfastError, isHoldfastError, type Plain } from '@holdfast/api';
import { isLocal, mayRun } from '../access/roles.ts';
import type { ShellCommand, Site } from '../contract.ts';
import { completeArguments } from './answers.ts';
import { type Arguments, isSet } from './argument-values.ts';
import { askLine } from './ask-line.ts';
import { checkArguments } from './check-arguments.ts';
import { breakGlassReason, denied, deniedName, isChange, permit } from './permit.ts';
import { Trail } from './trail.ts';

/** The words that every changing command understands besides its own arguments, and `breakGlass` where a second person is waited for. */
const commonWords = ['dryRun', 'yes', 'breakGlass'];

/** Refusals that leave a trace: somebody tried what they may not. */
const refusals = ['ACCESS_DENIED', 'APPROVAL_MISSING', 'APPROVAL_TOO_EARLY', 'APPROVAL_EXPIRED'] as const;
const isRefusal = (problem: unknown): boolean => refusals.some((code) => isHoldfastError(problem, code));

/**
 * Runs a command: checks who asks and what for, asks for what is missing, waits for no approval but uses one up where that is due, writes
 * down what changes, calls the handler. Every front goes through here. A command that only looks opens neither approvals nor the audit log.
 * @param given By property name; `dryRun`, `yes` and `breakGlass` are taken where the command changes anything.
 * @throws `ACCESS_DENIED`, what is wrong with the arguments, what `Access.use` throws, what the handler throws.
 */
export async function executeCommand(
  site: Site,
  command: ShellCommand,
  given: Arguments,
  call: Call,
): Promise<CommandResult> {
  const trail = new Trail(site, command, call);
  const { own, common } = parted(command, given);
  if (!mayRun(site.actor, command)) return trail.refuse(denied(site.actor, command), own);
  const reason = breakGlassReason(command, common.breakGlass);
  const checked = checkArguments(command, own);
  const complete = checkArguments(command, await completeArguments(command, checked, site.ask));
  const unnamed = deniedName(site.actor, command, complete);
  if (unnamed !== null) return trail.refuse(unnamed, complete);
  const settled = (await command.settle?.(complete)) ?? complete;
  const { run } = await command.load();
  const words = Object.fromEntries(
    ['dryRun', 'yes'].filter((word) => word in common).map((word) => [word, isSet(common, word)]),
  );
  const args = { ...settled, ...words };
  if (!isChange(command, args)) return run(site, args, call);
  let permitted: Readonly<Record<string, Plain>>;
  try {
    permitted = await permit(site, command, settled, { yes: isSet(common, 'yes'), breakGlass: reason }, trail, call);
  } catch (problem) {
    if (!isRefusal(problem)) throw problem;
    return trail.refuse(withRemedy(problem, site, command, complete), complete);
  }
  return trail.around(args, permitted, () => run(site, args, call));
}

function parted(command: ShellCommand, given: Arguments): { readonly own: Arguments; readonly common: Arguments } {
  const own: Record<string, Plain> = {};
  const common: Record<string, Plain> = {};
  for (const [name, value] of Object.entries(given)) {
    const isCommon = command.danger !== 'read' && commonWords.includes(name);
    (isCommon ? common : own)[name] = value;
  }
  return { own, common };
}

/** Whoever lacks an approval that nobody was asked for is told the line that asks for it. */
function withRemedy(problem: unknown, { actor, invocation }: Site, command: ShellCommand, args: Arguments): unknown {
  if (!isHoldfastError(problem, 'APPROVAL_MISSING') || problem.remedy !== undefined) return problem;
  return new HoldfastError(problem.code, problem.message, {
    remedy: `\`${askLine(isLocal(actor) ? invocation : 'holdfast', command, args)}\`, then somebody else grants it, then run this again`,
    facts: problem.facts,
  });
}
