import { HoldfastError } from '@holdfast/api';
import type { ShellHandler } from '../../contract.ts';
import { type Arguments, textOf, textOrNull } from '../../registry/argument-values.ts';
import { draftOf } from './editing/draft.ts';
import { finishEdit } from './editing/edit.ts';
import { readPolicyFile } from './editing/policy-file.ts';
import { policyFromText } from './editing/raw-policy.ts';

/** What may be said beside a whole policy. */
const besideWhole = ['policy', 'file', 'yaml', 'apply', 'yes', 'dryRun', 'breakGlass'];

const isSaid = (value: unknown): boolean =>
  Array.isArray(value) ? value.length > 0 : value !== undefined && value !== null && value !== false && value !== '';

function refuseBoth(args: Arguments): void {
  const [other] = Object.keys(args).filter((name) => !besideWhole.includes(name) && isSaid(args[name]));
  if (other === undefined) return;
  throw new HoldfastError('USAGE', `--yaml is the whole policy: --${other} has nothing to say beside it`);
}

export const run: ShellHandler = async (site, args, call) => {
  const name = textOf(args, 'policy');
  const whole = textOrNull(args, 'yaml');
  if (whole !== null) refuseBoth(args);
  const from = await readPolicyFile(site, args);
  const to = whole === null ? await draftOf(site, from, args) : policyFromText(name, whole);
  return await finishEdit(site, args, call, { from, name, to });
};
