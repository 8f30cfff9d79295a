import { HoldfastError } from '@holdfast/api';
import { nearest } from '../../../../config/nearest.ts';
import { writtenIn } from '../../../../config/policies/edit.ts';
import { filledTemplate, policyTemplates } from '../../../../model/policies/templates.ts';
import { systemZone } from '../../../../model/retention/calendar.ts';
import { type Raw, rawOf } from './raw-policy.ts';

/** What stands for a target while none is chosen. */
const someTarget = 'target';

/**
 * A template as a policy; which machines it takes is another matter.
 * @param target `null` while it could be any: then nothing is said of targets.
 * @throws `USAGE` when there is no such template.
 */
export function templatePolicy(name: string, target: string | null): Raw {
  const template = policyTemplates.find((one) => one.name === name);
  if (template === undefined) {
    const names = policyTemplates.map((one) => one.name);
    const meant = nearest(name, names);
    throw new HoldfastError('USAGE', `there is no template ${JSON.stringify(name)}`, {
      remedy: meant === undefined ? `there are ${names.join(', ')}` : `did you mean \`--template ${meant}\`?`,
    });
  }
  const text = filledTemplate(template, { target: target ?? someTarget, zone: systemZone() });
  const policy = writtenIn(text, template.name) ?? {};
  return target === null ? withoutTarget(policy) : policy;
}

function withoutTarget({ keep: _keep, workflows, ...rest }: Raw): Raw {
  const open = (step: unknown): unknown =>
    Object.fromEntries(
      Object.entries(rawOf(step)).map(([use, settings]) => [
        use,
        Object.fromEntries(Object.entries(rawOf(settings)).filter(([, value]) => value !== someTarget)),
      ]),
    );
  const all = Object.entries(rawOf(workflows)).map(([name, workflow]) => {
    const { steps, ...own } = rawOf(workflow);
    return [name, { ...own, steps: Array.isArray(steps) ? steps.map(open) : [] }];
  });
  return { ...rest, workflows: Object.fromEntries(all) };
}

/** A policy begun from a template: all but the machines that it takes is the template's. */
export function withTemplate({ protect }: Raw, name: string, target: string | null): Raw {
  const { protect: _tags, ...template } = templatePolicy(name, target);
  return protect === undefined ? template : { protect, ...template };
}
