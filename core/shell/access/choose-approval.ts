import { HoldfastError } from '@holdfast/api';
import { type Arguments, canonical, isSamePerson, type KeptApproval, type Standing, standingOf } from './approvals.ts';
import type { Actor } from './contract.ts';

/** What is told first when none can be used: the nearest to being usable. */
const order: readonly Standing[] = ['delayed', 'expired', 'waiting', 'refused', 'used'];

const when = (at: number): string => new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');

/**
 * The approval that may be used for exactly this command and these arguments.
 * @throws `APPROVAL_MISSING`, `APPROVAL_TOO_EARLY`, `APPROVAL_EXPIRED`.
 */
export function chooseApproval(
  all: readonly KeptApproval[],
  command: string,
  args: Arguments,
  by: Actor,
  now: number,
): KeptApproval {
  const wanted = canonical(args);
  const fitting = all.filter((one) => one.command === command && canonical(one.args) === wanted);
  const granted = fitting.filter((one) => standingOf(one, now) === 'granted');
  const usable = granted.find(({ decided }) => decided !== null && !isSamePerson(decided, by));
  if (usable !== undefined) return usable;
  const [own] = granted;
  if (own !== undefined) {
    throw new HoldfastError('APPROVAL_MISSING', `${own.id} was granted by yourself: somebody else has to run it`, {
      remedy: `${own.asked.by}, who asked for it, can run it; or let somebody else grant another`,
      facts: { approval: own.id },
    });
  }
  for (const standing of order) {
    const found = fitting.findLast((one) => standingOf(one, now) === standing);
    if (found !== undefined) throw whyNot(found, standing);
  }
  throw new HoldfastError(
    'APPROVAL_MISSING',
    `${words(command)} needs that somebody else agrees to exactly these arguments`,
    {
      facts: { command },
    },
  );
}

const words = (command: string): string => command.replaceAll('.', ' ');

function whyNot(found: KeptApproval, standing: Standing): HoldfastError {
  const { id, decided } = found;
  const facts = { approval: id };
  switch (standing) {
    case 'delayed':
      return new HoldfastError(
        'APPROVAL_TOO_EARLY',
        `${id} was granted and may be used from ${when(found.usableFrom)} on`,
        {
          remedy: `wait until then; it ends at ${when(found.expiresAt)}`,
          facts: { ...facts, usableFrom: found.usableFrom },
        },
      );
    case 'expired':
      return new HoldfastError('APPROVAL_EXPIRED', `${id} ended unused at ${when(found.expiresAt)}`, { facts });
    case 'waiting':
      return new HoldfastError('APPROVAL_MISSING', `${id} was asked for, and nobody has decided yet`, {
        remedy: `somebody else with the role approver says \`holdfast approval grant ${id}\``,
        facts,
      });
    case 'refused':
      return new HoldfastError(
        'APPROVAL_MISSING',
        `${id} was refused by ${decided?.by}: ${decided?.reason || 'no reason given'}`,
        {
          remedy: 'talk to them, then ask again with `holdfast approval ask`',
          facts,
        },
      );
    case 'granted':
    case 'used':
      return new HoldfastError('APPROVAL_MISSING', `${id} has been used; each is good for once`, {
        remedy: 'ask again with `holdfast approval ask`',
        facts,
      });
  }
}
