import type { ShellHandler } from '../../contract.ts';
import { type Arguments, textOrNull } from '../../registry/argument-values.ts';
import { commandLine } from '../../registry/command-line.ts';
import { detailView, plainData, textCell } from '../../view/build.ts';
import { beginning, targetOf } from './editing/draft.ts';
import { existing, policyIn, readPolicyFile } from './editing/policy-file.ts';
import { meantWorkflow, type PolicyWords, wordsOf } from './editing/policy-words.ts';
import { rawOf } from './editing/raw-policy.ts';
import { schemaOf } from './editing/raw-steps.ts';

/** The arguments of `policy set` that make a policy of nothing. */
const argsOf = (policy: string, { paused, ...words }: PolicyWords): Arguments => ({
  policy,
  ...words,
  ...(paused ? { paused: true } : {}),
});

/** How `policy set` would be told a policy: what the file has, or what a template begins with. */
export const run: ShellHandler = async (site, args) => {
  const from = await readPolicyFile(site, args);
  const name = textOrNull(args, 'policy');
  const template = textOrNull(args, 'template');
  if (name !== null && template === null && args.orNew !== true) existing(from, name);
  const base = await beginning(site, from, args);
  const said = wordsOf(base, textOrNull(args, 'workflow'), schemaOf(await site.host()));
  // What is begun goes where there is only one way to go.
  const words = said.to === '' ? { ...said, to: (await targetOf(site, args)) ?? '' } : said;
  const set = (await site.commands()).find(({ id }) => id === 'policy.set');
  const given = Object.fromEntries(Object.entries(argsOf(name ?? 'NAME', words)).filter(([, value]) => value !== ''));
  const line = set === undefined ? '' : commandLine(set, given, site.invocation);
  const workflows = Object.keys(rawOf(base.workflows));
  return {
    data: {
      policy: name,
      file: from.file,
      exists: name !== null && policyIn(from, name) !== null,
      zone: from.set.zone,
      blackouts: plainData(from.set.blackouts),
      policies: from.set.policies.map((policy) => policy.name),
      workflows,
      meant: meantWorkflow(base),
      words: plainData(words),
      line,
    },
    view: detailView(name === null ? 'Policy' : `Policy ${name}`, [
      ['file', 'File', textCell(from.file)],
      ['workflows', 'Workflows', textCell(workflows.join(', '))],
      ['line', 'Command', textCell(line)],
    ]),
  };
};
