import { join, resolve } from 'node:path';
import { HoldfastError } from '@holdfast/api';
import { writtenIn } from '../../../../config/policies/edit.ts';
import { readPolicies } from '../../../../config/policies/read.ts';
import { readText } from '../../../../config/read-text.ts';
import type { PolicySet } from '../../../../model/policies/contract.ts';
import type { Site } from '../../../contract.ts';
import { type Arguments, textOrNull } from '../../../registry/argument-values.ts';
import type { Raw } from './raw-policy.ts';

/** A file of policies as it is before it is changed. */
export interface PolicyFile {
  /** Absolute path. */
  readonly file: string;
  /** `null` where there is no such file yet. */
  readonly text: string | null;
  /** What the text says. */
  readonly set: PolicySet;
}

/** The file that is edited: the one that is named, else the one that is in force, else the person's own. */
export async function editedPolicyFile(site: Site, args: Arguments): Promise<string> {
  const named = textOrNull(args, 'file');
  if (named !== null) return resolve(named);
  const applied = await (await site.engine()).policies.applied();
  return applied?.source ?? join(site.folders.config, 'policies.yaml');
}

/** @throws `POLICY_INVALID` with all problems of a file that is not valid as it is, `CONFIG_UNREADABLE`. */
export async function readPolicyFile(site: Site, args: Arguments): Promise<PolicyFile> {
  const file = await editedPolicyFile(site, args);
  const text = (await readText(file))?.text ?? null;
  return { file, text, set: readPolicies(text ?? '', file).set };
}

/** A policy in the words of the file; `null` when it is not there. */
export const policyIn = ({ text }: PolicyFile, name: string): Raw | null =>
  text === null ? null : writtenIn(text, name);

/** @throws `POLICY_NOT_FOUND`. */
export function existing(from: PolicyFile, name: string): Raw {
  const found = policyIn(from, name);
  if (found !== null) return found;
  const { file, set } = from;
  throw new HoldfastError('POLICY_NOT_FOUND', `${file} has no policy ${JSON.stringify(name)}`, {
    remedy:
      set.policies.length === 0
        ? '`holdfast policy set NAME` makes one'
        : `it has: ${set.policies.map((policy) => policy.name).join(', ')}`,
    facts: { file, policy: name },
  });
}
