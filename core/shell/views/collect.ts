import type { ReportDeclaration, ViewDeclaration } from '@holdfast/api';
import type { ShellCommand, Site } from '../contract.ts';
import { builtInViews } from './built-in.ts';
import type { KeySource } from './keys.ts';
import { builtInReports } from './reports.ts';

export const ours = 'Holdfast';

/** A view and whose it is. */
export interface OwnedView {
  readonly owner: string;
  readonly view: ViewDeclaration;
}

/** What can be shown, and what plugins want to show and cannot, each with its reason. One that cannot takes nothing else down with it. */
export interface ShownViews {
  readonly shown: readonly OwnedView[];
  readonly refused: readonly (OwnedView & { readonly reason: string })[];
}

/** All views, Holdfast's own first. */
export async function shownViews(site: Site): Promise<ShownViews> {
  const [host, commands] = [await site.host(), await site.commands()];
  const known = new Map(commands.map((command) => [command.id, command]));
  const all: readonly OwnedView[] = [
    ...builtInViews.map((view) => ({ owner: ours, view })),
    ...host.views().map(({ plugin, view }) => ({ owner: plugin, view })),
  ];
  const owners = new Map<string, string>();
  const shown: OwnedView[] = [];
  const refused: (OwnedView & { reason: string })[] = [];
  for (const one of all) {
    const other = owners.get(one.view.id);
    const reason = other === undefined ? faultOf(one.view.command, known) : `${other} has a view of this id`;
    if (reason === null) {
      owners.set(one.view.id, one.owner);
      shown.push(one);
    } else {
      refused.push({ ...one, reason });
    }
  }
  return { shown, refused };
}

/** Why a command cannot be what a view or report shows. */
function faultOf(id: string, known: ReadonlyMap<string, ShellCommand>): string | null {
  const command = known.get(id);
  if (command === undefined) return `there is no command ${id.replaceAll('.', ' ')}`;
  return command.danger === 'read' ? null : `the command ${id.replaceAll('.', ' ')} does not only read`;
}

/** A report and whose it is. */
export interface OwnedReport {
  readonly owner: string;
  readonly report: ReportDeclaration;
}

/** All reports that can be made; the first of an id has it. */
export async function shownReports(site: Site): Promise<readonly OwnedReport[]> {
  const [host, commands] = [await site.host(), await site.commands()];
  const known = new Map(commands.map((command) => [command.id, command]));
  const all = [
    ...builtInReports.map((report) => ({ owner: ours, report })),
    ...host.reports().map(({ plugin, report }) => ({ owner: plugin, report })),
  ];
  const seen = new Set<string>();
  return all.filter(({ report }) => {
    const isNew = !seen.has(report.id);
    seen.add(report.id);
    return isNew && faultOf(report.command, known) === null;
  });
}

/** Whoever contributes keys to views, or everywhere: Holdfast first, then plugins in order of name. */
export async function keySources(site: Site): Promise<readonly KeySource[]> {
  const host = await site.host();
  const { shown } = await shownViews(site);
  const bindings = host.keybindings();
  const plugins = [...new Set([...shown.map(({ owner }) => owner), ...bindings.map(({ plugin }) => plugin)])];
  return [ours, ...plugins.filter((name) => name !== ours).toSorted()].map((owner) => ({
    owner,
    views: shown.filter((one) => one.owner === owner).map(({ view }) => view),
    bindings: bindings.filter(({ plugin }) => plugin === owner).map(({ binding }) => binding),
  }));
}
