import type { Choice } from '../contract.ts';
import type { Asked } from './asked.ts';
import { choice } from './names.ts';
import { from, pluginReason } from './plugin-reason.ts';

/** Kinds of endpoints or targets that plugins contribute; those of plugins that cannot be used now with the reason. */
export async function kindChoices(
  { site }: Asked,
  section: 'hypervisors' | 'targets' | 'notifiers',
): Promise<readonly Choice[]> {
  const host = await site.host();
  return host
    .plugins()
    .flatMap((plugin) =>
      (plugin.manifest.contributes[section] ?? []).map(({ id, title }) =>
        choice(id, `${id}  ${title}${from(plugin)}`, pluginReason(plugin)),
      ),
    );
}
