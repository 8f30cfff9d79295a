import type { ShellHandler } from '../../contract.ts';
import { textOf, textOrNull } from '../../registry/argument-values.ts';
import { draftOf } from './editing/draft.ts';
import { finishEdit } from './editing/edit.ts';
import { readPolicyFile } from './editing/policy-file.ts';
import { policyFromText } from './editing/raw-policy.ts';

export const run: ShellHandler = async (site, args, call) => {
  const name = textOf(args, 'policy');
  const from = await readPolicyFile(site, args);
  const whole = textOrNull(args, 'yaml');
  const to = whole === null ? await draftOf(site, from, args) : policyFromText(name, whole);
  return await finishEdit(site, args, call, { from, name, to });
};
