import type { ViewDeclaration, WalkthroughDeclaration } from '@holdfast/api';
import type { ShellCommand } from '../../shell/contract.ts';
import { parseWhen } from '../keys/when.ts';
import type { fieldsOf } from '../workbench/flows/reading.ts';
import { countsOf } from '../workbench/flows/welcome/counts.ts';
import { runCommand } from './command.ts';
import { choose, type MenuItem } from './menu.ts';
import { type Session, untilBack } from './session.ts';
import { showView } from './show-view.ts';

type Work = () => Promise<void>;

/** What people come to do, in the order in which a newcomer needs it. */
const flows = [
  'init',
  'endpoint.add',
  'target.add',
  'protect',
  'run.watch',
  'restore.machine',
  'point.verify',
  'point.export',
  'point.forget',
];

const views = (session: Session, all: readonly ViewDeclaration[]): readonly MenuItem<Work>[] =>
  all.map((view) => ({ group: 'Look at', title: view.title, value: () => showView(session, view) }));

const works = (session: Session, commands: readonly ShellCommand[]): readonly MenuItem<Work>[] =>
  flows.flatMap((id) => {
    const command = commands.find((one) => one.id === id);
    if (command === undefined) return [];
    return [{ group: 'Do', title: command.title, value: () => runCommand(session, command) }];
  });

/** All commands by their first word, then by the rest; their words may be typed at once too. */
async function allCommands(session: Session, commands: readonly ShellCommand[]): Promise<void> {
  const shown = commands.filter(({ hidden }) => hidden !== true);
  const byTopic = Map.groupBy(shown, ({ id }) => id.split('.')[0] ?? id);
  const below = await choose<readonly ShellCommand[]>(session, {
    title: 'All commands:',
    items: [...byTopic].map(([topic, own]) => {
      const [first, second] = own;
      const rest = own.map(({ id }) => id.slice(topic.length + 1).replaceAll('.', ' ')).filter((words) => words !== '');
      return { title: `${topic}: ${second === undefined ? (first?.title ?? '') : rest.join(', ')}`, value: own };
    }),
    question: 'Number, or the words of a command',
    otherwise: (typed) => {
      const command = commandNamed(typed, commands);
      return command === null ? null : [command];
    },
  });
  const [only, second] = below;
  const command =
    only !== undefined && second === undefined
      ? only
      : await choose(session, {
          title: '',
          items: below.map((one) => ({ title: `${one.id.replaceAll('.', ' ')}: ${one.title}`, value: one })),
        });
  await runCommand(session, command);
}

async function problems(session: Session): Promise<void> {
  const all = await session.desk.problems();
  if (all.length === 0) return session.speaker.say('No problems.');
  for (const { source, text, remedy } of all) {
    await session.speaker.say(`${source}: ${text}`, ...(remedy === null ? [] : [`What to do: ${remedy}`]));
  }
}

function isDone(condition: string | undefined, counts: ReturnType<typeof fieldsOf>): boolean {
  try {
    return condition !== undefined && parseWhen(condition).evaluate(counts);
  } catch {
    return false;
  }
}

/** First steps: each with what it is about, said to be done when it is. */
async function walkThrough(session: Session, { title, steps }: WalkthroughDeclaration): Promise<void> {
  for (;;) {
    const counts = await countsOf(session.desk, session.signal);
    const commands = await session.desk.commands();
    const step = await choose(session, {
      title: `${title}:`,
      items: steps.map((one) => ({ title: `${one.title}${isDone(one.doneWhen, counts) ? ', done' : ''}`, value: one })),
    });
    await session.speaker.view({ kind: 'markdown', title: '', text: step.text });
    const command = commands.find(({ id }) => id === step.command);
    if (command !== undefined && (await session.isAgreed('Begin?')))
      await untilBack(() => runCommand(session, command));
  }
}

/** The words of a command as it is typed on a command line, with `holdfast` or without. */
function commandNamed(typed: string, commands: readonly ShellCommand[]): ShellCommand | null {
  const id = typed
    .replace(/^holdfast\s+/, '')
    .trim()
    .replaceAll(/\s+/g, '.');
  return commands.find((command) => command.id === id) ?? null;
}

/** Everything there is, once: what can be looked at, what can be done. Ends by being left. */
export async function mainMenu(session: Session): Promise<never> {
  let isKnown = false;
  for (;;) {
    const { desk } = session;
    const [declared, commands, walkthroughs, known] = await Promise.all([
      desk.views(),
      desk.commands(),
      desk.walkthroughs(),
      desk.problems(),
    ]);
    const work = await choose<Work>(session, {
      title: 'What now?',
      items: [
        ...views(session, declared),
        ...works(session, commands),
        ...walkthroughs.map((one) => ({ group: 'Learn', title: one.title, value: () => walkThrough(session, one) })),
        { group: 'All else', title: 'All commands', value: () => allCommands(session, commands) },
        { group: 'All else', title: `Problems: ${known.length}`, value: () => problems(session) },
      ],
      question: isKnown
        ? 'Main menu: number or words of a command, ? reads it out'
        : 'Number, or the words of a command',
      isKnown,
      otherwise: (typed) => {
        const command = commandNamed(typed, commands);
        return command === null ? null : () => runCommand(session, command);
      },
    });
    isKnown = true;
    await untilBack(work);
  }
}
