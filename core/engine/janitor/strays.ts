import type { Call, OwnedThing } from '@holdfast/api';
import { safeText } from '../../model/text/safe-text.ts';
import { messageOf } from '../run/failure.ts';
import type { EngineParts } from '../run/parts.ts';

/** A thing with this site's mark that belongs to nothing that is going on. */
export interface Stray {
  readonly endpoint: string;
  readonly thing: OwnedThing;
}

/** What was found on the endpoints, and which of them could not be looked at. */
export interface StraySearch {
  readonly strays: readonly Stray[];
  readonly unseen: readonly string[];
}

/**
 * Finds things that carry this site's mark and that no open intent announces. Things of other sites are never in the answer.
 *
 * The order makes it safe beside runs that are going on: an intent is written before its thing is made, so what is listed first and has no intent
 * in the list read afterwards is settled or forgotten; and what was settled because it is the user's now has lost its mark by then, so
 * only what still carries it in a second listing is a stray.
 */
export async function findStrays(parts: EngineParts, call: Call): Promise<StraySearch> {
  const strays: Stray[] = [];
  const unseen: string[] = [];
  for (const endpoint of parts.endpoints.names()) {
    try {
      const before = await marked(parts, endpoint, call);
      if (before.length === 0) continue;
      const open = new Set((await parts.catalog.jobs.openIntents()).map(({ id }) => id));
      const suspects = new Set(before.filter(({ owner }) => !open.has(owner.intent)).map(({ id }) => id));
      if (suspects.size === 0) continue;
      const after = await marked(parts, endpoint, call);
      strays.push(...after.filter(({ id }) => suspects.has(id)).map((thing) => ({ endpoint, thing })));
    } catch (problem) {
      unseen.push(`endpoint ${endpoint} could not be looked at: ${messageOf(problem)}`);
    }
  }
  return { strays, unseen };
}

/** Removes strays. One line for each. */
export async function removeStrays(parts: EngineParts, search: StraySearch, call: Call): Promise<string[]> {
  const lines = [...search.unseen];
  for (const { endpoint, thing } of search.strays) {
    try {
      const hypervisor = await parts.endpoints.open(endpoint, call);
      await hypervisor.removeOwned(thing.id, call);
      lines.push(`removed ${titleOf(thing)} from ${endpoint}, which no run knows of`);
    } catch (problem) {
      lines.push(`${titleOf(thing)} on ${endpoint} could not be removed: ${messageOf(problem)}`);
    }
  }
  return lines;
}

/** A stray in words, for people. */
export const titleOf = (thing: OwnedThing): string => `${thing.kind} ${safeText(thing.title)}`;

async function marked(parts: EngineParts, endpoint: string, call: Call): Promise<OwnedThing[]> {
  const hypervisor = await parts.endpoints.open(endpoint, call);
  const things: OwnedThing[] = [];
  for await (const thing of hypervisor.owned(call)) if (thing.owner.site === parts.catalog.site) things.push(thing);
  return things;
}
