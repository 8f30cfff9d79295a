import type { Plain } from '@holdfast/api';
import type { Site } from '../../../contract.ts';
import { type Arguments, listOf, textOrNull } from '../../../registry/argument-values.ts';
import { changePolicy } from './change-policy.ts';
import { type PolicyFile, policyIn } from './policy-file.ts';
import { meantWorkflow } from './policy-words.ts';
import { type Raw, rawOf } from './raw-policy.ts';
import { schemaOf } from './raw-steps.ts';
import { templatePolicy, withTemplate } from './template.ts';

/** What a policy is begun from: what the file says of it, with a template in its place where one is named. */
export async function beginning(site: Site, from: PolicyFile, args: Arguments): Promise<Raw> {
  const old = policyIn(from, textOrNull(args, 'policy') ?? '');
  const template = textOrNull(args, 'template');
  return template === null ? (old ?? {}) : withTemplate(old ?? {}, template, await targetOf(site, args));
}

/** The target that is named, or the only one; `null` when it could be any. */
export async function targetOf(site: Site, args: Arguments): Promise<string | null> {
  const [only, second] = Object.keys((await site.config()).config.targets);
  return textOrNull(args, 'to') ?? (second === undefined ? (only ?? null) : null);
}

const selecting = ['endpoint', 'name', 'tag', 'folder', 'except', 'machine'];

/** Where nobody says which machines, a template takes those with its own tag. */
function sayingMachines(base: Raw, args: Arguments): Raw {
  const template = textOrNull(args, 'template');
  const isSaid = base.protect !== undefined || selecting.some((name) => listOf(args, name).length > 0);
  if (template === null || isSaid) return base;
  const { protect } = templatePolicy(template, null);
  return protect === undefined ? base : { ...base, protect };
}

/** The policy that the arguments of `policy set` make. */
export async function draftOf(site: Site, from: PolicyFile, args: Arguments): Promise<Raw> {
  const base = await beginning(site, from, args);
  const { config } = await site.config();
  const workflow = textOrNull(args, 'workflow') ?? meantWorkflow(base);
  const isNew = workflow !== null && !Object.hasOwn(rawOf(base.workflows), workflow);
  // A workflow that is begun goes where there is only one way to go.
  const to: Plain = isNew ? await targetOf(site, args) : (args.to ?? null);
  const begun = sayingMachines(base, args);
  return changePolicy(begun, { ...args, to }, Object.keys(config.endpoints), schemaOf(await site.host()));
}
