import { join } from 'node:path';
import { activationLimitMs } from './activation/in-process.ts';
import type { HostOptions, PluginHost } from './contract.ts';
import { discover } from './discover.ts';
import { defaultGraceMs } from './guard/patience.ts';
import { Verdicts } from './manifest/verdicts.ts';
import { LocalPluginHost } from './plugin-host.ts';
import { PluginRunner } from './plugin-runner.ts';
import { TrustStore } from './trust/trust-store.ts';

/** Finds all plugins and reads what they say about themselves. None of their code runs before it is needed. */
export async function openPluginHost(options: HostOptions): Promise<PluginHost> {
  const { shippedFolder, addedFolder, dataFolder } = options;
  const verdicts = new Verdicts(join(dataFolder, 'checked-plugins.json'));
  const found = discover(shippedFolder, addedFolder, new TrustStore(addedFolder), verdicts);
  verdicts.save();
  const activationOrder: PluginRunner[] = [];
  const runners = found.map(
    (plugin) =>
      new PluginRunner(plugin, {
        dataFolder,
        activationLimitMs,
        log: options.log,
        activated: (runner) => void activationOrder.push(runner),
      }),
  );
  return new LocalPluginHost(runners, activationOrder, { graceMs: defaultGraceMs, now: Date.now });
}
