import { HoldfastError } from '@holdfast/api';
import { findInstance } from '../../../config/instance.ts';
import { readPolicies } from '../../../config/policies/read.ts';
import { filledTemplate, policyTemplates } from '../../../model/policies/templates.ts';
import { systemZone } from '../../../model/retention/calendar.ts';
import type { ShellHandler, Site } from '../../contract.ts';
import { chooseTarget } from '../../lookup/targets.ts';
import { textOf, textOrNull } from '../../registry/argument-values.ts';
import { textView } from '../../view/build.ts';

/** As still as the hypervisors here can hold guests: a template that plan refuses would be none. */
async function quiesceOf(site: Site, endpoint: string | null): Promise<'filesystem' | 'none'> {
  const { endpoints } = (await site.config()).config;
  const uses = Object.entries(endpoints).flatMap(([name, { use }]) =>
    endpoint === null || name === endpoint ? [use] : [],
  );
  const hypervisors = (await site.host()).hypervisors();
  const cannot = uses.some((use) => {
    const answer = hypervisors.find(({ contribution }) => contribution.id === use)?.answers.N3;
    const ways = typeof answer === 'object' && answer !== null && 'value' in answer ? answer.value : null;
    return Array.isArray(ways) && !ways.some((way) => ['fsfreeze', 'vss', 'script'].includes(String(way)));
  });
  return cannot ? 'none' : 'filesystem';
}

export const run: ShellHandler = async (site, args) => {
  const named = textOf(args, 'template');
  const template = policyTemplates.find(({ name }) => name === named);
  if (template === undefined) throw new HoldfastError('USAGE', `there is no template ${named}`);
  const endpoint = textOrNull(args, 'endpoint');
  if (endpoint !== null) findInstance(await site.config(), 'endpoints', endpoint);
  const name = textOrNull(args, 'name') ?? template.name;
  const text = filledTemplate(template, {
    name,
    endpoint,
    target: await chooseTarget(site, textOrNull(args, 'to'), '--to'),
    zone: systemZone(),
    quiesce: await quiesceOf(site, endpoint),
  });
  readPolicies(text, `the template ${template.name}`);
  return { data: { template: template.name, policy: name, text }, view: textView('', `\`\`\`\n${text}\`\`\``) };
};
