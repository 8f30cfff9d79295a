import { join } from 'node:path';
import type { HostOptions, PluginHost } from './contract.ts';
import { discover } from './discover.ts';
import { defaultGraceMs } from './guard/patience.ts';
import { Verdicts } from './manifest/verdicts.ts';
import { type HostBehaviour, LocalPluginHost } from './plugin-host.ts';
import { defaultWorkerLimits } from './rpc/worker-limits.ts';
import { TrustStore } from './trust/trust-store.ts';

/** Finds all plugins and reads what they say about themselves. None of their code runs before it is needed. */
export async function openPluginHost(options: HostOptions): Promise<PluginHost> {
  return await openPluginHostWith(options, {});
}

/** The same, with limits other than the usual ones. */
export async function openPluginHostWith(options: HostOptions, changes: Partial<HostBehaviour>): Promise<PluginHost> {
  const { shippedFolder, addedFolder, dataFolder } = options;
  const verdicts = new Verdicts(join(dataFolder, 'checked-plugins.json'));
  const found = discover(shippedFolder, addedFolder, new TrustStore(addedFolder), verdicts);
  verdicts.save();
  return new LocalPluginHost(found, {
    dataFolder,
    treat: ({ origin }) => ({
      place: origin === 'shipped' ? 'in-process' : (options.addedPlace ?? 'worker'),
      resolvesHere: origin === 'shipped',
      isPinned: origin === 'added',
    }),
    limits: defaultWorkerLimits,
    graceMs: defaultGraceMs,
    now: Date.now,
    log: options.log,
    ...changes,
  });
}
