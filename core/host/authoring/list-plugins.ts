import type { Contributes } from '@holdfast/api';
import type { PastFailure, PluginHost, PluginOrigin, PluginState } from '../contract.ts';

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
  /** How it last failed to start in another process; `null` when it started since, or changed. */
  readonly lastFailure: PastFailure | null;
}

/** What a manifest contributes, one short phrase each: `target disk`, `view acme.usage`, `key g u`. */
export function contributionWords(contributes: Contributes): readonly string[] {
  const {
    hypervisors = [],
    targets = [],
    techniques = [],
    notifiers = [],
    commands = [],
    keybindings = [],
  } = contributes;
  const { views = [], themes = [], reports = [], walkthroughs = [] } = contributes;
  return [
    ...hypervisors.map(({ id }) => `hypervisor ${id}`),
    ...targets.map(({ id }) => `target ${id}`),
    ...techniques.map(({ id }) => `technique ${id}`),
    ...notifiers.map(({ id }) => `notifier ${id}`),
    ...commands.map(({ id }) => `command ${id}`),
    ...views.map(({ id }) => `view ${id}`),
    ...reports.map(({ id }) => `report ${id}`),
    ...themes.map(({ id }) => `theme ${id}`),
    ...walkthroughs.map(({ id }) => `walkthrough ${id}`),
    ...keybindings.map(({ key }) => `key ${key}`),
  ];
}

/** All plugins, in order of name. Runs none of them. */
export function listPlugins(host: PluginHost): readonly PluginSummary[] {
  return host.plugins().map(({ manifest, origin, state, failure, lastFailure }) => ({
    name: manifest.name,
    version: manifest.version,
    title: manifest.displayName ?? manifest.name,
    origin,
    state,
    contributes: contributionWords(manifest.contributes),
    problem: state === 'untrusted' ? 'not trusted, or changed since it was' : failure,
    lastFailure,
  }));
}
