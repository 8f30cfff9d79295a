import type { Machine } from '@holdfast/api';
import { readPolicyFile } from '../../commands/policy/editing/policy-file.ts';
import { formatNumbered } from '../../format/numbers.ts';
import { textOrNull } from '../../registry/argument-values.ts';
import type { Choice } from '../contract.ts';
import type { Asked } from './asked.ts';
import { choice } from './names.ts';

const mostShown = 2_000;

/** Commands that are about what the file says, not about what is in force. */
const ofFile = new Set(['policy.set', 'policy.remove', 'policy.pause', 'policy.resume', 'policy.words']);

/** Policies with how many workflows they have: those in force, or of the file where that is what is edited. */
export async function policyChoices({ site, command, given }: Asked): Promise<readonly Choice[]> {
  const { policies } = await site.engine();
  const set = ofFile.has(command.id) ? (await readPolicyFile(site, given)).set : (await policies.applied())?.set;
  return (set?.policies ?? []).map(({ name, title, workflows, isPaused }) => {
    const parts = [title, formatNumbered(workflows.length, 'workflow'), isPaused ? 'paused' : null];
    return choice(name, `${name}  ${parts.filter((part) => part !== null).join(' · ')}`);
  });
}

/** Workflows of the policy that is meant. */
export async function workflowChoices({ site, given }: Asked): Promise<readonly Choice[]> {
  const { set } = await readPolicyFile(site, given);
  const policy = set.policies.find(({ name }) => name === textOrNull(given, 'policy'));
  return (policy?.workflows ?? []).map(({ name, steps }) =>
    choice(name, `${name}  ${steps.map(({ use }) => use).join(' → ')}`),
  );
}

/** Words that machines have, the most frequent first, each with how many have it. */
async function wordsOfMachines(
  { site, argument, given }: Asked,
  wordsOf: (machine: Machine) => readonly string[],
): Promise<readonly Choice[]> {
  const counts = new Map<string, number>();
  const chosen = given[argument.name];
  for (const { machine } of await (await site.catalog()).machines({ gone: false })) {
    for (const word of new Set(wordsOf(machine))) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts]
    .filter(([word]) => !(Array.isArray(chosen) && chosen.includes(word)))
    .toSorted(([a, many], [b, more]) => more - many || (a < b ? -1 : 1))
    .slice(0, mostShown)
    .map(([word, count]) => choice(word, `${word}  ${formatNumbered(count, 'machine')}`));
}

export const tagChoices = (asked: Asked) => wordsOfMachines(asked, ({ tags }) => tags);
export const folderChoices = (asked: Asked) => wordsOfMachines(asked, ({ folder, place }) => [folder ?? place]);
export const machineNameChoices = (asked: Asked) => wordsOfMachines(asked, ({ name }) => [name]);
