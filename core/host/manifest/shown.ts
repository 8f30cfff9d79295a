import type { CommandDeclaration, Manifest, RowAction } from '@holdfast/api';
import { parseJsonWithComments } from '../../model/text/json-with-comments.ts';
import type { Problem } from './problem.ts';

const manifestFile = 'package.json';

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a view, key, report or walkthrough runs, and where the manifest says so. */
interface Use {
  readonly path: string;
  readonly command: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** Whether it is asked for again and again, so that it must only read. */
  readonly onlyReads: boolean;
}

function usesOf({ contributes }: Manifest): readonly Use[] {
  const { views = [], keybindings = [], reports = [], walkthroughs = [] } = contributes;
  return [
    ...views.flatMap((view, index) => {
      const path = `/contributes/views/${index}`;
      const actions = (view.actions ?? []).map((one, at) => actionUse(one, `${path}/actions/${at}`));
      const open = view.open === undefined ? [] : [actionUse(view.open, `${path}/open`)];
      return [{ path, command: view.command, args: view.args ?? {}, onlyReads: true }, ...open, ...actions];
    }),
    ...reports.map(({ command, args = {} }, index) => ({
      path: `/contributes/reports/${index}`,
      command,
      args,
      onlyReads: true,
    })),
    ...keybindings.map(({ command, args = {} }, index) => ({
      path: `/contributes/keybindings/${index}`,
      command,
      args,
      onlyReads: false,
    })),
    ...walkthroughs.flatMap(({ steps }, index) =>
      steps.flatMap(({ command }, at) =>
        command === undefined
          ? []
          : [{ path: `/contributes/walkthroughs/${index}/steps/${at}`, command, args: {}, onlyReads: false }],
      ),
    ),
  ];
}

/** Commands that a manifest names and does not have: they must be Holdfast's own. Each with where it is named. */
export function foreignCommands(manifest: Manifest): readonly { readonly path: string; readonly command: string }[] {
  const own = new Set((manifest.contributes.commands ?? []).map(({ id }) => id));
  return usesOf(manifest).filter(({ command }) => !own.has(command));
}

const actionUse = ({ command, argument }: RowAction, path: string): Use => ({
  path,
  command,
  args: { [argument]: '' },
  onlyReads: false,
});

/**
 * Views, reports and keys that cannot work: what they run is not there, has not such an argument, or changes something where it may only read.
 * Commands of Holdfast itself are not known here; the shell says which of those it does not have.
 */
export function shownProblems(manifest: Manifest): readonly Problem[] {
  const commands = manifest.contributes.commands ?? [];
  return usesOf(manifest).flatMap((use) => {
    const fault = faultOf(use, commands);
    return fault === null ? [] : [{ file: manifestFile, path: use.path, message: fault }];
  });
}

function faultOf({ command, args, onlyReads }: Use, commands: readonly CommandDeclaration[]): string | null {
  const own = commands.find(({ id }) => id === command);
  if (own === undefined) {
    // What begins like a command of its own is meant to be one.
    const [topic] = command.split('.');
    const isOwn = commands.some(({ id }) => id.split('.')[0] === topic);
    return isOwn ? `names the command ${command}, which this manifest does not have` : null;
  }
  if (onlyReads && own.danger !== 'read') return `names the command ${command}, which does not only read`;
  const known = isRecord(own.args.properties) ? own.args.properties : {};
  const strange = Object.keys(args).find((name) => !Object.hasOwn(known, name));
  return strange === undefined ? null : `gives ${command} the argument ${strange}, which it does not take`;
}

/** Theme files that are no JSON objects. What their colours are is for whoever draws with them. */
export function themeProblems(manifest: Manifest, texts: ReadonlyMap<string, string>): readonly Problem[] {
  const files = new Set((manifest.contributes.themes ?? []).map(({ path }) => path));
  return [...files].flatMap((file) => {
    const text = texts.get(file);
    // That it is not there has been said.
    if (text === undefined) return [];
    try {
      return isRecord(parseJsonWithComments(text)) ? [] : [{ file, path: '', message: 'is not an object' }];
    } catch (fault) {
      return [{ file, path: '', message: fault instanceof SyntaxError ? fault.message : 'is not JSON' }];
    }
  });
}
