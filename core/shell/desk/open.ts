import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type Call, type CommandResult, HoldfastError, isHoldfastError, makeCall, type Plain } from '@holdfast/api';
import type { Actor } from '../access/contract.ts';
import { mayRun } from '../access/roles.ts';
import type { Ask, OwnedSite, ShellCommand } from '../contract.ts';
import { executeCommand } from '../registry/execute.ts';
import { frontDeclarations } from '../registry/front-commands.ts';
import type { Installation } from '../site/installation.ts';
import { shownViews } from '../views/collect.ts';
import { builtInWalkthroughs } from '../views/walkthroughs.ts';
import { choicesFor } from './choices.ts';
import { commandLineOf } from './command-line.ts';
import type { Change, Choice, Desk, Memory, Problem, RunHow } from './contract.ts';
import { fileMemory } from './memory.ts';
import { allThemes } from './themes.ts';

/** What a command may have changed, by the first word of its id. */
const changedBy: Readonly<Record<string, readonly Change[]>> = {
  approval: ['approvals'],
  session: ['sessions'],
  plugin: ['plugins'],
  policy: ['configuration', 'runs'],
  apply: ['configuration', 'runs'],
};
const usuallyChanged: readonly Change[] = ['runs', 'points'];

/** Commands that open a front or draw on a terminal: there is one already. */
const isFront = (id: string): boolean => frontDeclarations.some((front) => front.id === id);

/** A folder name for a person of whatever name. */
const folderOf = (name: string): string =>
  /^[a-z0-9][a-z0-9-]{0,62}$/.test(name) ? name : createHash('sha256').update(name).digest('hex').slice(0, 32);

/** The desk of one person at an installation that stays open. */
class PersonalDesk implements Desk {
  readonly actor: Actor;
  readonly memory: Memory;
  readonly #installation: Installation;
  readonly #now: (() => Promise<Actor>) | undefined;
  readonly version: string;
  /** Commands as they were last asked for, so that those of plugins are spelled as they are typed. */
  #known: ReadonlyMap<string, ShellCommand> = new Map();

  constructor(installation: Installation, actor: Actor, version: string, memory: Memory, now?: () => Promise<Actor>) {
    this.#now = now;
    this.#installation = installation;
    this.actor = actor;
    this.version = version;
    this.memory = memory;
  }

  get site(): string {
    return this.#installation.name;
  }

  now(): number {
    return this.#installation.around.now();
  }

  commands(): Promise<readonly ShellCommand[]> {
    return this.#with(null, async (site) => {
      const all = await site.commands();
      this.#known = new Map(all.map((command) => [command.id, command]));
      return all.filter((command) => command.hidden !== true && !isFront(command.id) && mayRun(this.actor, command));
    });
  }

  views() {
    return this.#with(null, async (site) => {
      const commands = new Map((await site.commands()).map((command) => [command.id, command]));
      const { shown } = await shownViews(site);
      return shown.flatMap(({ view }) => {
        const command = commands.get(view.command);
        return command !== undefined && mayRun(this.actor, command) ? [view] : [];
      });
    });
  }

  keybindings() {
    return this.#with(null, async (site) => (await site.host()).keybindings());
  }

  themes() {
    return this.#with(null, (site) => allThemes(site));
  }

  walkthroughs() {
    return this.#with(null, async (site) => [
      ...builtInWalkthroughs,
      ...(await site.host()).walkthroughs().map(({ walkthrough }) => walkthrough),
    ]);
  }

  problems(): Promise<readonly Problem[]> {
    return this.#with(null, async (site) => {
      const found: Problem[] = [];
      const at = this.now();
      for (const { owner, view, reason } of (await shownViews(site)).refused) {
        found.push({
          id: `view ${owner} ${view.id}`,
          at,
          source: owner,
          text: `view ${view.id}: ${reason}`,
          remedy: null,
        });
      }
      for (const { manifest, state, failure, problems } of (await site.host()).plugins()) {
        const text = failure ?? problems[0]?.message ?? null;
        if (text === null || state === 'active') continue;
        const remedy = `holdfast plugin show ${manifest.name}`;
        found.push({ id: `plugin ${manifest.name}`, at, source: manifest.name, text, remedy });
      }
      try {
        const { unusable = [], untrusted } = await site.config();
        for (const { file, line, key, message } of unusable) {
          found.push({ id: `config ${key}`, at, source: `${file}:${line}`, text: `${key}: ${message}`, remedy: null });
        }
        for (const file of untrusted) {
          const text = 'its code and commands are not in effect: nobody trusts it yet';
          found.push({ id: `untrusted ${file}`, at, source: file, text, remedy: 'holdfast config trust' });
        }
      } catch (problem) {
        if (!isHoldfastError(problem)) throw problem;
        const { message, remedy = null } = problem;
        found.push({ id: 'config', at, source: 'configuration', text: message, remedy });
      }
      return found;
    });
  }

  choices(command: string, argument: string, given: Readonly<Record<string, Plain>>): Promise<readonly Choice[]> {
    return this.#with(null, (site) => choicesFor(site, command, argument, given, makeCall({ who: this.actor.name })));
  }

  async run(id: string, args: Readonly<Record<string, Plain>>, how: RunHow): Promise<CommandResult> {
    const { around } = this.#installation;
    const log: Call['log'] = (level, text) => (how.log === undefined ? around.log(level, text) : how.log(level, text));
    const call = makeCall({
      signal: AbortSignal.any([how.signal, this.#installation.stopping]),
      who: this.actor.name,
      log,
      ...(how.progress === undefined ? {} : { progress: (progress) => how.progress?.(progress) }),
    });
    const work = this.#with(
      how.ask,
      async (site) => {
        const command = (await site.commands()).find((one) => one.id === id);
        if (command === undefined) throw new HoldfastError('USAGE', `there is no command ${id.replaceAll('.', ' ')}`);
        if (isFront(id)) throw new HoldfastError('USAGE', `${id.replaceAll('.', ' ')} needs a terminal of its own`);
        try {
          return await executeCommand(site, command, args, call);
        } finally {
          if (command.danger !== 'read' && args.dryRun !== true) this.#tellChanged(id);
        }
      },
      how.out,
    );
    return this.#installation.during(work);
  }

  commandLine(command: string, args: Readonly<Record<string, Plain>>): string {
    return commandLineOf(this.#known.get(command) ?? command, args, 'holdfast');
  }

  onChange(listener: (change: Change) => void): () => void {
    // What goes wrong there is the session's own, whoever tells of the change.
    return this.#installation.onChange(AsyncLocalStorage.bind(listener));
  }

  #tellChanged(id: string): void {
    const [topic = ''] = id.split('.');
    this.#installation.tell(...(changedBy[topic] ?? usuallyChanged));
    void this.#installation.look();
  }

  async #with<T>(ask: Ask | null, work: (site: OwnedSite) => Promise<T>, out?: RunHow['out']): Promise<T> {
    const actor = (await this.#now?.()) ?? this.actor;
    await using site = this.#installation.use({ actor, ask, out: out ?? null });
    return await work(site);
  }
}

/**
 * Opens the desk of a person.
 * @param now Who this person is by now: roles are taken away while somebody is there. Absent: who they were.
 * @param own Whether it is the owner of this installation at its own terminal, whose keys lie beside the configuration.
 */
export function openDesk(
  installation: Installation,
  actor: Actor,
  version: string,
  own: boolean,
  now?: () => Promise<Actor>,
): Desk {
  const { config, data } = installation.folders;
  const folder = own ? config : join(data, 'people', folderOf(actor.name));
  return new PersonalDesk(installation, actor, version, fileMemory(folder), now);
}
