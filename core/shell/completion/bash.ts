import { fillFrame } from './frame.ts';
import { type CommandHint, type ValueHint, wordsAfter } from './tree.ts';

/** What bash offers for a value, as the body of a `case` branch. */
function offer(value: ValueHint): string {
  switch (value.kind) {
    case 'words':
      return `COMPREPLY=($(compgen -W '${value.words.join(' ')}' -- "$cur"))`;
    case 'names':
      return `COMPREPLY=($(compgen -W "$(holdfast completion names ${value.names} 2>/dev/null)" -- "$cur"))`;
    case 'file':
      return `COMPREPLY=($(compgen -f -- "$cur"))`;
    case 'text':
    case 'none':
      return ':';
  }
}

function valueBranches({ flags }: CommandHint): readonly string[] {
  return flags
    .filter(({ value }) => value.kind !== 'none')
    .map(({ flag, value }) => `      ${flag}) ${offer(value)}; return ;;`);
}

function commandBranch(command: CommandHint): readonly string[] {
  const flags = command.flags.map(({ flag }) => flag).join(' ');
  const branches = valueBranches(command);
  const last = command.positionals.at(-1);
  const places = command.positionals.map((value, at) => `      ${at}) ${offer(value)} ;;`);
  return [
    `  '${command.words.join(' ')}')`,
    ...(branches.length === 0 ? [] : ['    case "$prev" in', ...branches, '    esac']),
    `    if [[ "$cur" == -* ]]; then COMPREPLY=($(compgen -W '${flags}' -- "$cur")); return; fi`,
    ...(last === undefined ? [] : [`    case "$place" in`, ...places, `      *) ${offer(last)} ;;`, '    esac']),
    '    return ;;',
  ];
}

/** A completion script for bash 4 and later. */
export function bashScript(tree: readonly CommandHint[]): string {
  return fillFrame('./frame-bash.sh', {
    known: tree.map(({ words }) => `    '${words.join(' ')}') command="$line"; place=0 ;;`),
    commands: tree.flatMap(commandBranch),
    next: [...wordsAfter(tree)].map(
      ([start, words]) => `  '${start}') COMPREPLY=($(compgen -W '${[...words.keys()].join(' ')}' -- "$cur")) ;;`,
    ),
  });
}
