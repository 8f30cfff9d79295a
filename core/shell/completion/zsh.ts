import { fillFrame } from './frame.ts';
import { type CommandHint, type ValueHint, wordsAfter } from './tree.ts';

const quoted = (text: string): string => text.replaceAll(':', ' ');

function action(value: ValueHint): string {
  switch (value.kind) {
    case 'words':
      return `:value:(${value.words.join(' ')})`;
    case 'names':
      return `:${value.names}:_holdfast_names ${value.names}`;
    case 'file':
      return ':file:_files';
    case 'text':
      return ':value: ';
    case 'none':
      return '';
  }
}

function commandBranch({ words, flags, positionals }: CommandHint): readonly string[] {
  const specs = [
    ...flags.map(({ flag, about, value }) => `'*${flag}[${quoted(about)}]${action(value)}'`),
    ...positionals.map((value, at) =>
      at === positionals.length - 1 ? `'*${action(value) || ':value: '}'` : `'${at + 1}${action(value) || ':value: '}'`,
    ),
  ];
  return [`    '${words.join(' ')}')`, `      _arguments ${specs.join(' ')}; return ;;`];
}

/** A completion script for zsh. */
export function zshScript(tree: readonly CommandHint[]): string {
  return fillFrame('./frame-zsh.txt', {
    known: [tree.map(({ words }) => `'${words.join(' ')}'`).join(' ')],
    commands: tree.flatMap(commandBranch),
    next: [...wordsAfter(tree)].flatMap(([start, words]) => [
      `    '${start}')`,
      `      _values 'command' ${[...words].map(([word, about]) => `'${word}[${quoted(about)}]'`).join(' ')} ;;`,
    ]),
  });
}
