import type { PluginHost, PluginOrigin, PluginState } from '../contract.ts';

/** One plugin in a list. */
export interface PluginSummary {
  readonly name: string;
  readonly version: string;
  /** For people; the name where the manifest has no other. */
  readonly title: string;
  readonly origin: PluginOrigin;
  readonly state: PluginState;
  /** What it contributes, for example `target disk` or `command lab.list`. */
  readonly contributes: readonly string[];
  /** Why it does not run, in one line; `null` when nothing is wrong. */
  readonly problem: string | null;
}

/** All plugins, in order of name. Runs none of them. */
export function listPlugins(host: PluginHost): readonly PluginSummary[] {
  return host.plugins().map(({ manifest, origin, state, failure }) => {
    const { hypervisors = [], targets = [], techniques = [], commands = [] } = manifest.contributes;
    return {
      name: manifest.name,
      version: manifest.version,
      title: manifest.displayName ?? manifest.name,
      origin,
      state,
      contributes: [
        ...hypervisors.map((c) => `hypervisor ${c.id}`),
        ...targets.map((c) => `target ${c.id}`),
        ...techniques.map((c) => `technique ${c.id}`),
        ...commands.map((c) => `command ${c.id}`),
      ],
      problem: state === 'untrusted' ? 'not trusted, or changed since it was' : failure,
    };
  });
}
