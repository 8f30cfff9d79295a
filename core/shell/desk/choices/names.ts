import type { Site } from '../../contract.ts';
import { listThemes } from '../../themes/all-themes.ts';
import { shownReports, shownViews } from '../../views/collect.ts';
import type { Choice } from '../contract.ts';
import type { Asked } from './asked.ts';

/** Choices that stand in the schema itself, or that are names of what the workbench shows. */
export async function nameChoices({ site, argument }: Asked): Promise<readonly Choice[]> {
  if (argument.options !== null) return argument.options.map((value) => choice(value, value));
  return argument.completes === null ? [] : namesOfKind(site, argument.completes);
}

/** Names of a kind that need no closer look. */
export async function namesOfKind(site: Site, kind: string): Promise<readonly Choice[]> {
  switch (kind) {
    case 'theme':
      return (await listThemes(site)).map(({ id, label }) => choice(id, label));
    case 'report':
      return (await shownReports(site)).map(({ report }) => choice(report.id, report.title));
    case 'notifier':
      return Object.entries((await site.config()).config.notifiers ?? {}).map(([name, { use }]) =>
        choice(name, `${name}  ${use}`),
      );
    case 'view':
      return (await shownViews(site)).shown.map(({ view }) => choice(view.id, view.title));
    case 'user':
      return (await (await site.access()).users()).map(({ name, roles }) =>
        choice(name, `${name}  ${roles.join(', ')}`),
      );
    case 'approval':
      return (await (await site.access()).approvals())
        .filter(({ usedAt }) => usedAt === null)
        .map(({ id, command, asked }) => choice(id, `${command.replaceAll('.', ' ')}, asked for by ${asked.by}`));
    case 'session':
      return (site.sessions?.list() ?? []).map(({ id, actor }) => choice(id, `${actor.name} from ${actor.from}`));
    default:
      return [];
  }
}

export const choice = (value: string, title: string, refused: string | null = null): Choice => ({
  value,
  title,
  refused,
});
