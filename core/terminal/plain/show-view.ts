import type { RowAction, View, ViewDeclaration } from '@holdfast/api';
import type { ShellCommand } from '../../shell/contract.ts';
import { troubleOf } from '../workbench/flows/trouble.ts';
import { runCommand } from './command.ts';
import { choose } from './menu.ts';
import { actionArgs, numberRows, rowsAtOnce, rowsNamed } from './numbered.ts';
import { type Session, untilBack } from './session.ts';

/** What can be done to rows of a view by this person. */
function actionsOf(view: ViewDeclaration, commands: readonly ShellCommand[]): readonly RowAction[] {
  const all = [...(view.open === undefined ? [] : [view.open]), ...(view.actions ?? [])];
  return all.filter(({ command }) => commands.some(({ id }) => id === command));
}

async function read(session: Session, { command, args = {} }: ViewDeclaration): Promise<View | null> {
  try {
    const { view } = await session.desk.run(command, args, { signal: session.signal, ask: null });
    return view;
  } catch (thrown) {
    await session.speaker.trouble(troubleOf(thrown));
    return null;
  }
}

async function act(
  session: Session,
  ids: readonly string[],
  actions: readonly RowAction[],
  commands: readonly ShellCommand[],
): Promise<void> {
  const fitting = actions.filter(({ several }) => ids.length === 1 || several === true);
  if (fitting.length === 0) return session.speaker.say('Nothing here is done to several at once.');
  const action = await choose(session, {
    title: `What to do with ${ids.length === 1 ? ids[0] : `${ids.length} rows`}:`,
    items: fitting.map((one) => ({ title: one.title, value: one })),
  });
  const command = commands.find(({ id }) => id === action.command);
  if (command !== undefined)
    await runCommand(session, command, actionArgs(action.argument, ids, action.several === true));
}

/** Reads a view out, rows numbered, then asks what is to be done with which. */
export async function showView(session: Session, declaration: ViewDeclaration): Promise<void> {
  let from = 0;
  for (;;) {
    await session.speaker.say(`${declaration.title}.`);
    const view = await read(session, declaration);
    const commands = await session.desk.commands();
    const actions = actionsOf(declaration, commands);
    const numbered = view === null ? { view, rows: [], total: 0 } : numberRows(view, from);
    if (numbered.view !== null) await session.speaker.view(numbered.view);
    const hasMore = numbered.total > from + rowsAtOnce;
    if (hasMore) await session.speaker.say(`Rows ${from + 1} to ${from + rowsAtOnce} of ${numbered.total}.`);
    const may = [
      ...(actions.length > 0 && numbered.rows.length > 0 ? ['numbers of rows'] : []),
      ...(hasMore ? ['`more`'] : []),
      'an empty line to read it again',
      '`back`',
    ];
    const typed = await session.ask({
      text: `${may.join(', ')}`,
      help: ['Type the number of a row to do something with it; several are parted by commas, or 2-5.'],
      fallback: '',
    });
    if (typed === 'more' && hasMore) {
      from += rowsAtOnce;
      continue;
    }
    if (typed === '') {
      from = 0;
      continue;
    }
    const ids = rowsNamed(typed, numbered.rows);
    if (ids === null || actions.length === 0)
      await session.speaker.say(`There is no row ${typed} here to do something with.`);
    else await untilBack(() => act(session, ids, actions, commands));
  }
}
