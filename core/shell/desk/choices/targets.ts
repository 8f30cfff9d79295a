import type { Instance } from '../../../config/contract.ts';
import { placeOf } from '../../lookup/place-of.ts';
import { pluginStateOf } from '../../lookup/plugin-users.ts';
import { listOf } from '../../registry/argument-values.ts';
import type { Choice } from '../contract.ts';
import type { Asked } from './asked.ts';
import { choice } from './names.ts';
import { unusable } from './plugin-reason.ts';
import { unfitTarget } from './random-access.ts';

async function instances(
  { site }: Asked,
  section: 'endpoints' | 'targets',
): Promise<readonly (readonly [name: string, instance: Instance, reason: string | null])[]> {
  const { config } = await site.config();
  const host = await site.host();
  const kind = section === 'endpoints' ? 'hypervisors' : 'targets';
  return Object.entries(config[section]).map(([name, instance]) => {
    const state = pluginStateOf(host, kind, instance.use);
    return [name, instance, unusable(host, kind, instance.use, state)] as const;
  });
}

const titleOf = (name: string, instance: Instance): string => `${name}  ${instance.use} · ${placeOf(instance)}`;
/** What is taken out of the configuration need not work. */
const isRemoving = ({ command }: Asked): boolean => command.id.endsWith('.remove');

export async function endpointChoices(asked: Asked): Promise<readonly Choice[]> {
  const all = await instances(asked, 'endpoints');
  return all.map(([name, instance, reason]) =>
    choice(name, titleOf(name, instance), isRemoving(asked) ? null : reason),
  );
}

/** Targets; for `protect` and `policy set`, those that the steps chosen so far cannot write to are refused. */
export async function targetChoices(asked: Asked): Promise<readonly Choice[]> {
  const all = await instances(asked, 'targets');
  const host = await asked.site.host();
  const isComposing = asked.command.id === 'protect' || asked.command.id === 'policy.set';
  const steps = isComposing ? listOf(asked.given, 'steps') : [];
  const chosen = steps.length > 0 || !isComposing ? steps : ['snapshot', 'proxy'];
  return all.map(([name, instance, reason]) => {
    const unfit = chosen.map((use) => unfitTarget(host, use, name, instance)).find((one) => one !== null) ?? null;
    return choice(name, titleOf(name, instance), isRemoving(asked) ? null : (reason ?? unfit));
  });
}
