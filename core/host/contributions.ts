import { type CommandDeclaration, type Contributes, HoldfastError, type NotifierContribution } from '@holdfast/api';
import type { Contributed } from './contract.ts';
import type { ReadContribution } from './manifest/read.ts';
import type { PluginRunner } from './plugin-runner.ts';
import { boundedSchema } from './settings/bounded-schema.ts';

/** A contribution and the plugin that runs it. */
export interface Owned extends ReadContribution {
  readonly runner: PluginRunner;
}

/** Sections of a manifest that are only shown: nothing is registered for them. */
type ShownSection = 'views' | 'keybindings' | 'themes' | 'reports' | 'walkthroughs';
type Entry<S extends ShownSection> = NonNullable<Contributes[S]>[number];

/** What the plugins contribute: looked up without running any of them. */
export class Contributions {
  readonly #runners: readonly PluginRunner[];

  constructor(runners: readonly PluginRunner[]) {
    this.#runners = runners;
  }

  /** Of plugins that are in order. */
  of<C extends NotifierContribution>(kind: ReadContribution['kind']): readonly Contributed<C>[] {
    return this.#all()
      .filter((one) => one.kind === kind)
      .map(({ runner, contribution, settings, answers }) => ({
        plugin: runner.name,
        contribution: contribution as C,
        // What nobody trusts yet is not run, and neither is what its schema would have a validator do.
        settings: runner.found.trusted ? settings : boundedSchema(settings),
        answers,
      }));
  }

  commands(): readonly { readonly runner: PluginRunner; readonly command: CommandDeclaration }[] {
    return this.#usable().flatMap((runner) =>
      (runner.found.manifest.contributes.commands ?? []).map((command) => ({ runner, command })),
    );
  }

  /** What plugins that are in order and trusted have in a section. */
  shown<S extends ShownSection>(section: S): readonly { readonly runner: PluginRunner; readonly one: Entry<S> }[] {
    return this.#usable()
      .filter((runner) => runner.found.trusted)
      .flatMap((runner) => {
        const entries: readonly Entry<S>[] = runner.found.manifest.contributes[section] ?? [];
        return entries.map((one) => ({ runner, one }));
      });
  }

  /**
   * @param kind Any kind when it is missing.
   * @throws `PLUGIN_NOT_FOUND`; `PLUGIN_INVALID` when a plugin would have it, were it in order.
   */
  find(use: string, kind?: ReadContribution['kind']): Owned {
    const isIt = (one: ReadContribution): boolean =>
      one.contribution.id === use && (kind === undefined || one.kind === kind);
    const found = this.#all().find(isIt);
    if (found !== undefined) return found;
    const unfit = this.#runners.find((runner) => runner.found.contributions.some(isIt));
    if (unfit === undefined) throw notFound(kind ?? 'contribution', use);
    const { failure } = unfit.status();
    const message = `${unfit.name}, which has the ${kind ?? 'contribution'} ${use}, is not valid: ${failure}`;
    throw new HoldfastError('PLUGIN_INVALID', message, { facts: { plugin: unfit.name } });
  }

  /** @throws `PLUGIN_NOT_FOUND` */
  findCommand(id: string): PluginRunner {
    const found = this.commands().find(({ command }) => command.id === id);
    if (found === undefined) throw notFound('command', id);
    return found.runner;
  }

  #usable(): readonly PluginRunner[] {
    return this.#runners.filter((runner) => runner.found.problems.length === 0);
  }

  #all(): readonly Owned[] {
    return this.#usable().flatMap((runner) => runner.found.contributions.map((c) => ({ ...c, runner })));
  }
}

const notFound = (kind: string, use: string): HoldfastError =>
  new HoldfastError('PLUGIN_NOT_FOUND', `no plugin has a ${kind} ${use}`, { facts: { use } });
