import { isHoldfastError, type Port, type TechniqueContribution } from '@holdfast/api';
import type { Engine } from '../../../engine/contract.ts';
import type { PluginHost, PluginStatus } from '../../../host/contract.ts';
import { stepsFrom } from '../../commands/protect/steps.ts';
import { listOf, textOrNull } from '../../registry/argument-values.ts';
import type { Choice } from '../contract.ts';
import type { Asked } from './asked.ts';
import { choice } from './names.ts';
import { from, pluginReason } from './plugin-reason.ts';
import { unfitTarget } from './random-access.ts';

/** What a workflow for machines begins with. */
const start: readonly Port[] = ['machine'];

interface Composing {
  readonly engine: Engine;
  readonly host: PluginHost;
  readonly chosen: readonly string[];
  readonly words: { readonly set: readonly string[]; readonly quiesce: string | null };
  /** The target that is chosen, or the only one. */
  readonly target: string | null;
  readonly unfit: (use: string) => string | null;
}

/**
 * Every step that plugins contribute, as the next one after those chosen so far. One that does not fit is there too, with what it lacks or why the
 * target cannot take it; so is one whose plugin may not run yet, with what to do about it.
 */
export async function stepChoices({ site, given }: Asked): Promise<readonly Choice[]> {
  const host = await site.host();
  const { config } = await site.config();
  const [only, second] = Object.keys(config.targets);
  const target = textOrNull(given, 'to') ?? (second === undefined ? (only ?? null) : null);
  const instance = target === null ? undefined : config.targets[target];
  const composing: Composing = {
    engine: await site.engine(),
    host,
    chosen: listOf(given, 'steps'),
    words: { set: listOf(given, 'set'), quiesce: textOrNull(given, 'quiesce') },
    target,
    unfit: (use) => (target === null || instance === undefined ? null : unfitTarget(host, use, target, instance)),
  };
  return host
    .plugins()
    .flatMap((plugin) =>
      (plugin.manifest.contributes.techniques ?? []).map((technique) =>
        choice(technique.id, titleOf(plugin, technique), reasonAgainst(composing, plugin, technique)),
      ),
    );
}

const titleOf = (plugin: PluginStatus, { id, title, needs, gives }: TechniqueContribution): string =>
  `${id}  ${title}${from(plugin)}: ${needs.join(' + ') || 'nothing'} → ${gives.join(' + ') || 'nothing'}`;

function reasonAgainst(composing: Composing, plugin: PluginStatus, { id }: TechniqueContribution): string | null {
  const { chosen, unfit } = composing;
  const reason = pluginReason(plugin);
  if (reason !== null) return reason;
  const place = chosen.indexOf(id);
  if (place >= 0) return `it is step ${place + 1} already`;
  return unfit(id) ?? misfit(composing, id);
}

/** What keeps a step from standing after those chosen so far, as the engine says it; `null` when it fits. */
function misfit({ engine, host, chosen, words, target }: Composing, id: string): string | null {
  const steps = [...chosen, id];
  try {
    // A target's name is checked where there is one; that none is set up yet is not the step's fault.
    engine.compose(stepsFrom({ ...words, steps, set: settingsOf(words.set, steps) }, target ?? '', host), start);
    return null;
  } catch (problem) {
    if (!isHoldfastError(problem)) throw problem;
    const { missing, step, setting } = problem.facts;
    if (missing !== undefined && step === steps.length) return `${problem.message}: ${problem.remedy ?? ''}`;
    if (problem.message.includes(`(${id}) lacks the setting`)) {
      return `it needs a setting first: \`--set ${id}.${setting}=VALUE\``;
    }
    // What is wrong with an earlier step is said where that one is set.
    return missingPort(host, chosen, id);
  }
}

/** The same question, of ports alone. */
function missingPort(host: PluginHost, chosen: readonly string[], id: string): string | null {
  const techniques = host.techniques().map(({ contribution }) => contribution);
  const find = (use: string) => techniques.find((one) => one.id === use);
  const given = new Set<Port>([...start, ...chosen.flatMap((use) => find(use)?.gives ?? [])]);
  const missing = find(id)?.needs.find((port) => !given.has(port));
  return missing === undefined ? null : `${id} needs a ${missing}, and nothing before it gives one`;
}

/** Settings of steps that were chosen and taken away again are no reason against any. */
const settingsOf = (set: readonly string[], steps: readonly string[]): readonly string[] =>
  set.filter((written) => steps.some((step) => written.startsWith(`${step}.`)));
