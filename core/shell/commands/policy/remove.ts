import type { ShellHandler } from '../../contract.ts';
import { textOf } from '../../registry/argument-values.ts';
import { finishEdit } from './editing/edit.ts';
import { existing, readPolicyFile } from './editing/policy-file.ts';

export const run: ShellHandler = async (site, args, call) => {
  const name = textOf(args, 'policy');
  const from = await readPolicyFile(site, args);
  existing(from, name);
  return await finishEdit(site, args, call, { from, name, to: null });
};
