import type { ShellHandler } from '../../contract.ts';
import { textOf } from '../../registry/argument-values.ts';
import { changePolicy } from './editing/change-policy.ts';
import { finishEdit } from './editing/edit.ts';
import { existing, readPolicyFile } from './editing/policy-file.ts';

export const run: ShellHandler = async (site, args, call) => {
  const name = textOf(args, 'policy');
  const from = await readPolicyFile(site, args);
  const to = changePolicy(existing(from, name), { paused: true }, [], () => ({}));
  // Somebody who pauses a policy means what runs, not what is written.
  return await finishEdit(site, { ...args, apply: true }, call, { from, name, to });
};
