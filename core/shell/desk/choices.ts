import type { Call, Plain } from '@holdfast/api';
import { mayRun } from '../access/roles.ts';
import type { Site } from '../contract.ts';
import { argumentsOf } from '../registry/arguments.ts';
import type { Asked } from './choices/asked.ts';
import { kindChoices } from './choices/kinds.ts';
import { machineChoices, restorableChoices } from './choices/machines.ts';
import { nameChoices } from './choices/names.ts';
import { diskChoices, momentChoices, pointChoices } from './choices/points.ts';
import { folderChoices, machineNameChoices, policyChoices, tagChoices, workflowChoices } from './choices/policies.ts';
import { stepChoices } from './choices/steps.ts';
import { endpointChoices, targetChoices } from './choices/targets.ts';
import { pluginChoices, runChoices } from './choices/things.ts';
import type { Choice } from './contract.ts';

type Chooser = (asked: Asked) => Promise<readonly Choice[]>;

/** More than anybody picks from a list; the rest is typed. */
const mostChoices = 20_000;

/** Arguments that need more than their kind of name says, by command and argument. */
const special: Readonly<Record<string, Chooser>> = {
  'protect.steps': stepChoices,
  'policy.set.steps': stepChoices,
  'endpoint.add.use': (asked) => kindChoices(asked, 'hypervisors'),
  'target.add.use': (asked) => kindChoices(asked, 'targets'),
  'notifier.add.use': (asked) => kindChoices(asked, 'notifiers'),
  'init.use': (asked) => kindChoices(asked, 'targets'),
  'restore.machine.name': restorableChoices,
  'restore.machine.at': momentChoices,
  'point.export.disk': diskChoices,
  'point.list.machine': restorableChoices,
  'point.forget.machine': restorableChoices,
  'point.timeline.machine': restorableChoices,
};

const byKind: Readonly<Record<string, Chooser>> = {
  machine: machineChoices,
  endpoint: endpointChoices,
  target: targetChoices,
  point: pointChoices,
  run: runChoices,
  plugin: pluginChoices,
  policy: policyChoices,
  workflow: workflowChoices,
  tag: tagChoices,
  folder: folderChoices,
  'machine-name': machineNameChoices,
};

/**
 * What can be filled in for an argument of a command, the most likely first. What cannot be chosen here and now stands at the end, each with its
 * reason. Nothing outside is asked: the answer comes from the configuration, the catalog and the manifests. Empty where anything may be typed.
 */
export async function choicesFor(
  site: Site,
  command: string,
  argument: string,
  given: Readonly<Record<string, Plain>>,
  call: Call,
): Promise<readonly Choice[]> {
  const declared = (await site.commands()).find(({ id }) => id === command);
  const wanted = declared && argumentsOf(declared).find(({ name }) => name === argument);
  if (declared === undefined || wanted === undefined || !mayRun(site.actor, declared)) return [];
  const chooser = special[`${command}.${argument}`] ?? byKind[wanted.completes ?? ''] ?? nameChoices;
  const choices = await chooser({ site, command: declared, argument: wanted, given, call });
  return fittingFirst(choices).slice(0, mostChoices);
}

const fittingFirst = (choices: readonly Choice[]): readonly Choice[] => [
  ...choices.filter(({ refused }) => refused === null),
  ...choices.filter(({ refused }) => refused !== null),
];
