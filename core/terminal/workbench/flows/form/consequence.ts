import type { CommandResult } from '@holdfast/api';
import type { ShellCommand } from '../../../../shell/contract.ts';
import { formatNumbered } from '../../../../shell/format/numbers.ts';
import { renderView } from '../../../../shell/render/view.ts';

const most = 10;
const columns = 72;

/** What a command would do, in a few lines for the dialog that asks: its preview, cut. */
export function consequenceOf(command: ShellCommand, { view }: CommandResult): string {
  const lines = renderView(view, { columns, colour: false, now: null }).filter((line) => line.trim() !== '');
  const shown = lines.slice(0, most);
  const left = lines.length - shown.length;
  return [`${command.title}.`, ...shown, ...(left > 0 ? [`… and ${formatNumbered(left, 'line')} more`] : [])].join(
    '\n',
  );
}
