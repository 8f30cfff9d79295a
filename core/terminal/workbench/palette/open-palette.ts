import type { Context } from '../../keys/when.ts';
import { type PickItem, PickList } from '../../widgets/dialogue/pick-list.ts';
import type { Bench } from '../contract.ts';
import type { OwnCommand } from '../frame/own-commands.ts';
import type { Room } from '../frame/room.ts';
import { commandItems, openables, thingItems, viewItems } from './find-items.ts';

/** Commands alone, as those who know VS Code type it. */
const onlyCommands = '>';

/** What the palette was opened from. */
export interface PaletteParts {
  readonly room: Room;
  readonly bench: Bench;
  readonly own: readonly OwnCommand[];
  readonly context: Context;
}

/** Opens the palette: commands at once, and what has a name as soon as somebody says what there is. */
export function openPalette({ room, bench, own, context }: PaletteParts): void {
  const commands = commandItems(room, own, context);
  const marked = commands.map((item) => ({ ...item, title: `${onlyCommands} ${item.title}` }));
  let things: readonly PickItem[] = [];
  let isMarked = false;
  const items = (): readonly PickItem[] => (isMarked ? marked : [...commands, ...viewItems(room), ...things]);
  const list = new PickList({
    title: 'Find and run anything',
    items: items(),
    placeholder: `a command, a machine, a restore point, a run … (${onlyCommands} for commands alone)`,
    onPick: (item) => {
      room.overlays.remove(list);
      pick(bench, room, item);
    },
    onCancel: () => room.overlays.remove(list),
    onQuery: (typed) => {
      if (typed.startsWith(onlyCommands) === isMarked) return;
      isMarked = !isMarked;
      list.setItems(items());
    },
    invalidate: room.invalidate,
  });
  room.overlays.push(list);
  thingItems(room)
    .then((found) => {
      things = found;
      if (!isMarked && room.overlays.all.includes(list)) list.setItems(items());
    })
    .catch(() => {});
}

function pick(bench: Bench, room: Room, { id }: PickItem): void {
  const [kind = '', name = '', ...rest] = id.split(' ');
  if (kind === 'command') bench.openCommand(name);
  else if (kind === 'view') bench.openView(id.slice('view '.length));
  else {
    const openable = openables.find((one) => one.kind === name);
    if (openable !== undefined) bench.openCommand(openable.command, { [openable.argument]: rest.join(' ') });
  }
  room.invalidate();
}
