import { safeText } from '../model/text/safe-text.ts';
import { needsApproval } from '../shell/access/roles.ts';
import type { ShellCommand } from '../shell/contract.ts';
import { padToWidth, wrapToWidth } from '../shell/format/width.ts';
import { type Argument, argumentsOf } from '../shell/registry/arguments.ts';
import type { CommandRegistry } from '../shell/registry/registry.ts';
import { paint } from '../shell/render/paint.ts';
import type { TextStyle } from '../shell/render/text-style.ts';

type Row = readonly [term: string, description: string];

/** What each topic is about, in the order of the overview. A plugin's topic has the title of its first command. */
export const topics: Readonly<Record<string, string>> = {
  workbench: 'Everything on one screen; `holdfast` alone opens it',
  overview: 'What is protected and what is not, in three seconds',
  init: 'Set up: a target, its repository, the recovery words',
  quickstart: 'Try it out on a sample machine in a folder of its own',
  endpoint: 'Hypervisors',
  machine: 'Virtual machines',
  target: 'Places that hold restore points',
  protect: 'Protect machines now',
  plan: 'What a policy file would change, and whether it can keep what it promises',
  apply: 'Put a policy file in force',
  policy: 'What is protected when, and for how long: the policies of a file',
  schedule: 'When policies run: what was due, what is next, and the tick of a timer',
  notifier: 'Who is told when something is not as it should be',
  alarm: 'What is not as it should be',
  metrics: 'Figures for Prometheus',
  run: 'What ran and runs',
  point: 'Restore points',
  restore: 'Restore machines',
  repository: 'The store behind a target: check and mend it, give room back, copy it, manage its keys',
  config: 'Configuration',
  plugin: 'Plugins',
  serve: 'The workbench, commands and restore points over SSH',
  user: 'Who may log in over SSH, and what they may do',
  approval: 'That somebody else agrees to what destroys',
  session: 'Who has a workbench open over SSH',
  audit: 'Who did what, in a log that shows when it was changed',
  report: 'What is made to be sent or printed',
  view: 'Views of the workbench',
  theme: 'Colours of the workbench',
  keys: 'Keys of the workbench',
  doctor: 'Find out what is wrong here, and mend it',
  completion: 'Completion for bash, zsh and fish',
};

const exitCodes =
  '0 done · 1 failed · 2 usage · 3 partly done · 4 not found · 5 denied · 6 conflict · 7 timeout · 130 interrupted';

function rowLines(given: readonly Row[], style: TextStyle): readonly string[] {
  // Names and titles come from plugins too.
  const rows = given.map(([term, description]) => [safeText(term), description] as const);
  const width = Math.min(34, Math.max(0, ...rows.map(([term]) => term.length)));
  const room = Math.max(30, (style.columns ?? 110) - width - 4);
  return rows.flatMap(([term, description]) => {
    const lines = wrapToWidth(safeText(description), room);
    const first = term.length > width ? [`  ${term}`, ''] : [`  ${padToWidth(term, width)}  ${lines[0] ?? ''}`];
    const rest = (term.length > width ? lines : lines.slice(1)).map((line) => `  ${' '.repeat(width)}  ${line}`);
    return [...first.filter((line) => line !== ''), ...rest].map((line) => line.trimEnd());
  });
}

const section = (title: string, lines: readonly string[], style: TextStyle): readonly string[] =>
  lines.length === 0 ? [] : ['', paint(title, 'strong', style), ...lines];

const globalRows: readonly Row[] = [
  ['--json', 'print the answer, or the error, as one JSON document on stdout'],
  ['--config FILE', 'read this configuration file besides the usual ones'],
  ['--home FOLDER', 'use the installation in this folder: configuration, data and cache'],
  ['-h, --help', 'help for a command'],
];

const spelled = (id: string): string => safeText(id.replaceAll('.', ' '));

/** The overview: `holdfast --help`. */
export function overviewHelp(registry: CommandRegistry, style: TextStyle): readonly string[] {
  const firsts = [
    ...new Set(
      registry
        .all()
        .filter(({ hidden }) => hidden !== true)
        .map(({ id }) => id.split('.')[0] ?? id),
    ),
  ];
  const known = Object.keys(topics).filter((topic) => firsts.includes(topic));
  const others = firsts.filter((topic) => !(topic in topics));
  const row = (topic: string): Row => {
    const shown = registry.below(topic).filter(({ hidden }) => hidden !== true);
    const below = shown.map(({ id }) => spelled(id.slice(topic.length + 1)));
    const words = [...new Set(below.map((word) => word.split(' ')[0]))].join('|');
    const about = topics[topic] ?? registry.below(topic)[0]?.title ?? registry.get(topic)?.title ?? '';
    return [topic, words === '' ? about : `${about}: ${words}`];
  };
  return [
    'Holdfast protects virtual machines: every hypervisor, target and technique is a plugin.',
    ...section('USAGE', ['  holdfast COMMAND [ARGUMENT…] [--FLAG…]'], style),
    ...section('COMMANDS', rowLines(known.map(row), style), style),
    ...section('FROM PLUGINS', rowLines(others.map(row), style), style),
    ...section('EVERYWHERE', rowLines(globalRows, style), style),
    ...section('EXIT CODES', [`  ${exitCodes}`], style),
    ...section('START', ['  holdfast quickstart', '  holdfast init --target main --path /backup/holdfast'], style),
  ];
}

/** One topic: `holdfast machine --help`. */
export function topicHelp(registry: CommandRegistry, topic: string, style: TextStyle): readonly string[] {
  const rows = registry
    .below(topic)
    .filter(({ hidden }) => hidden !== true)
    .map((command): Row => [`${spelled(command.id)}${positionalUsage(command)}`, command.title]);
  const about = topics[topic];
  return [
    ...(about === undefined ? [] : [about]),
    ...section('COMMANDS', rowLines(rows, style), style),
    '',
    `  holdfast ${spelled(topic)} COMMAND --help`,
  ];
}

function positionalUsage(command: ShellCommand): string {
  return argumentsOf(command)
    .filter((argument) => argument.position !== null)
    .map((argument) => {
      const value = safeText(argument.value);
      const name = argument.type === 'list' ? `${value}…` : value;
      return argument.required ? ` ${name}` : ` [${name}]`;
    })
    .join('');
}

const breakGlassRow: Row = [
  '--break-glass WHY',
  'do without the second person, at the local console only; the audit log says so',
];

function argumentRow(argument: Argument): Row {
  const short = argument.short === null ? '' : `-${argument.short}, `;
  const written = `${short}--${argument.flag}${argument.type === 'boolean' ? '' : ` ${argument.value}`}`;
  const more = [
    argument.options === null ? '' : `one of ${argument.options.join(', ')}`,
    argument.fallback === undefined || argument.fallback === false || argument.fallback === ''
      ? ''
      : `default ${Array.isArray(argument.fallback) ? argument.fallback.join(',') : String(argument.fallback)}`,
    argument.type === 'list' ? (argument.separator === null ? 'may be repeated' : 'parted by commas') : '',
    argument.required && argument.position === null ? 'needed' : '',
  ].filter((part) => part !== '');
  const detail = more.length === 0 ? '' : ` (${more.join('; ')})`;
  return [argument.position === null ? written : argument.value, `${argument.description}${detail}`];
}

/** One command: `holdfast machine list --help`. */
export function commandHelp(command: ShellCommand, style: TextStyle): readonly string[] {
  const all = argumentsOf(command);
  const change: readonly Row[] =
    command.danger === 'read'
      ? []
      : [
          ['--dry-run', 'say what would be done, and do nothing'],
          ['-y, --yes', 'agree beforehand to what is asked'],
          ...(needsApproval(command) ? [breakGlassRow] : []),
        ];
  const flags = all.filter(({ position }) => position === null);
  const own = new Set(flags.map(({ flag }) => `--${flag}`));
  const common = [...change, ...globalRows].filter(([term]) => !own.has(term.split(' ').at(-1) ?? ''));
  return [
    `${safeText(command.title)}.`,
    ...(command.description === undefined
      ? []
      : ['', ...wrapToWidth(safeText(command.description), style.columns ?? 110)]),
    ...section('USAGE', [`  holdfast ${spelled(command.id)}${positionalUsage(command)} [--FLAG…]`], style),
    ...section('ARGUMENTS', rowLines(all.filter(({ position }) => position !== null).map(argumentRow), style), style),
    ...section('FLAGS', rowLines(flags.map(argumentRow), style), style),
    ...section('EVERYWHERE', rowLines(common, style), style),
    ...section(
      'EXAMPLES',
      (command.examples ?? []).map((example) => `  ${safeText(example)}`),
      style,
    ),
  ];
}
