import type { Rgb } from '../../../model/theme/colour.ts';
import { colourTokens } from '../../../model/theme/tokens.ts';
import type { ShellHandler } from '../../contract.ts';
import { textOf } from '../../registry/argument-values.ts';
import { detailView, stackView, tableView, textCell } from '../../view/build.ts';
import { findTheme } from './find.ts';

const hex = (rgb: Rgb | null): string | null =>
  rgb === null ? null : `#${rgb.map((part) => part.toString(16).padStart(2, '0')).join('')}`;

export const run: ShellHandler = async (site, args) => {
  const { theme, read } = await findTheme(site, textOf(args, 'theme'));
  const named = new Set(read.named);
  const colours = colourTokens.map((token) => ({
    token,
    colour: hex(read.colours.get(token) ?? null),
    isNamed: named.has(token),
  }));
  const { id, label, owner, file } = theme;
  return {
    data: { id, label, owner, file, kind: read.kind, colours },
    view: stackView('', [
      detailView(label, [
        ['id', 'Theme', textCell(id)],
        ['kind', 'Kind', textCell(read.kind)],
        ['owner', 'Of', textCell(owner)],
        ['file', 'File', textCell(file)],
      ]),
      tableView(
        'Colours',
        [
          { key: 'token', title: 'colour', priority: 0 },
          { key: 'value', title: 'is', priority: 0 },
          { key: 'from', title: 'because', priority: 1 },
        ],
        colours.map(({ token, colour, isNamed }) => ({
          id: token,
          cells: {
            token: textCell(token),
            value: textCell(colour ?? 'the terminal’s own'),
            from: textCell(isNamed ? 'the file says so' : 'it follows from others'),
          },
        })),
        'none',
      ),
    ]),
  };
};
