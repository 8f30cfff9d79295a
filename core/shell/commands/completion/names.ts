import { mayRun } from '../../access/roles.ts';
import type { ShellHandler, Site } from '../../contract.ts';
import { namesOfKind } from '../../desk/choices/names.ts';
import { shortId } from '../../lookup/names.ts';
import { textOf } from '../../registry/argument-values.ts';

const mostNames = 2_000;
/** Names that a shell can take as one word without quoting; others are left to be typed. */
const oneWord = /^[\w./@:+-]+$/;

/** Names of people are for those who may list them. */
const ofPeople: Readonly<Record<string, string>> = {
  user: 'user.list',
  approval: 'approval.list',
  session: 'session.list',
};

/** What is known without asking anything outside: a completion must answer at once. */
async function namesOf(site: Site, kind: string): Promise<readonly string[]> {
  const list = ofPeople[kind];
  if (list !== undefined && !mayRun(site.actor, { id: list, danger: 'read' })) return [];
  switch (kind) {
    case 'target':
      return Object.keys((await site.config()).config.targets);
    case 'endpoint':
      return Object.keys((await site.config()).config.endpoints);
    case 'plugin':
      return (await site.host()).plugins().map(({ manifest }) => manifest.name);
    case 'machine':
      return (await (await site.catalog()).machines({ gone: false })).map(({ machine }) => machine.name);
    case 'point':
      return (await (await site.catalog()).points({})).map(({ point }) => shortId(point));
    case 'run':
      return (await (await site.catalog()).jobs.list({ limit: 50 })).map(({ id }) => shortId(id));
    default:
      return (await namesOfKind(site, kind)).map(({ value }) => value);
  }
}

export const run: ShellHandler = async (site, args) => {
  const all = await namesOf(site, textOf(args, 'kind'));
  const names = [...new Set(all)].filter((name) => oneWord.test(name)).slice(0, mostNames);
  return { data: { names }, view: { kind: 'markdown', title: '', text: `\`\`\`\n${names.join('\n')}\n\`\`\`` } };
};
