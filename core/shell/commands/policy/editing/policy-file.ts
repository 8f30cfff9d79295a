import { isAbsolute, resolve } from 'node:path';
import { HoldfastError } from '@holdfast/api';
import { writtenIn } from '../../../../config/policies/edit.ts';
import { readPolicies } from '../../../../config/policies/read.ts';
import { readText } from '../../../../config/read-text.ts';
import type { PolicySet } from '../../../../model/policies/contract.ts';
import type { Site } from '../../../contract.ts';
import { usualPolicyFile } from '../../../lookup/policy-file.ts';
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
  return named === null ? await usualPolicyFile(site) : resolve(named);
}

/** @throws `POLICY_INVALID` with all problems of a file that is not valid as it is, `CONFIG_UNREADABLE`; `USAGE` where policies are in force that no file has. */
export async function readPolicyFile(site: Site, args: Arguments): Promise<PolicyFile> {
  const file = await editedPolicyFile(site, args);
  const text = (await readText(file))?.text ?? null;
  if (text === null && textOrNull(args, 'file') === null) await refuseToBeginAnew(site, file);
  return { file, text, set: readPolicies(text ?? '', file).set };
}

/** A file that is begun would hold one policy only: applied, it would take away all that are in force. */
async function refuseToBeginAnew(site: Site, file: string): Promise<void> {
  const applied = await (await site.engine()).policies.applied();
  if (applied === null || applied.set.policies.length === 0) return;
  const { id, source } = applied;
  const why = isAbsolute(source)
    ? `${source}, from which the policies in force were applied, is gone`
    : `the policies in force were applied from ${source}, so no file of them is known`;
  throw new HoldfastError('USAGE', `${why}; nothing was written`, {
    remedy: 'name a file with `--file FILE`; what is in force stands in `holdfast policy show POLICY --json`',
    facts: { file, applied: id },
  });
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
