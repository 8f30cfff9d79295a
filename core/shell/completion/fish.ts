import { fillFrame } from './frame.ts';
import { type CommandHint, type ValueHint, wordsAfter } from './tree.ts';

function values(value: ValueHint): string {
  switch (value.kind) {
    case 'words':
      return ` -x -a '${value.words.join(' ')}'`;
    case 'names':
      return ` -x -a '(holdfast completion names ${value.names} 2>/dev/null)'`;
    case 'file':
      return ' -r -F';
    case 'text':
      return ' -x';
    case 'none':
      return '';
  }
}

function commandLines({ words, flags, positionals }: CommandHint): readonly string[] {
  const here = `-n "__holdfast_at '${words.join(' ')}'"`;
  const last = positionals.at(-1);
  return [
    ...flags.map(
      ({ flag, about, value }) => `complete -c holdfast ${here} -l ${flag.slice(2)}${values(value)} -d '${about}'`,
    ),
    ...(last === undefined || last.kind === 'text' || last.kind === 'none'
      ? []
      : [`complete -c holdfast ${here}${values(last).replace(' -x', '').replace(' -r', '')}`]),
  ];
}

/** A completion script for fish 3.4 and later. */
export function fishScript(tree: readonly CommandHint[]): string {
  return fillFrame('./frame-fish.txt', {
    next: [...wordsAfter(tree)].flatMap(([start, words]) =>
      [...words].map(
        ([word, about]) => `complete -c holdfast -n "__holdfast_next '${start}'" -a '${word}' -d '${about}'`,
      ),
    ),
    commands: tree.flatMap(commandLines),
  });
}
