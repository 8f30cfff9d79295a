import type { Context } from '../../keys/when.ts';
import { type PickItem, PickList } from '../../widgets/dialogue/pick-list.ts';
import type { Bench } from '../contract.ts';
import type { OwnCommand } from '../frame/own-commands.ts';
import type { Room } from '../frame/room.ts';
import { commandItems, openables, thingItems, viewItems } from './find-items.ts';

/** Typed first, it leads to commands alone, as those who know VS Code type it. */
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
  const shown = [...commands, ...viewItems(room)];
  const list = pickFrom(room, bench, {
    title: 'Find and run anything',
    items: shown,
    placeholder: `a command, a machine, a restore point, a run … (${onlyCommands} for commands alone)`,
    onQuery: (typed) => {
      if (!typed.startsWith(onlyCommands)) return;
      room.overlays.remove(list);
      const only = pickFrom(room, bench, { title: 'Run a command', items: commands, placeholder: 'a command' });
      only.query = typed.slice(onlyCommands.length);
    },
  });
  thingItems(room)
    .then((things) => {
      if (room.overlays.all.includes(list)) list.setItems([...shown, ...things]);
    })
    .catch(() => {});
}

interface Offer {
  readonly title: string;
  readonly items: readonly PickItem[];
  readonly placeholder: string;
  readonly onQuery?: (typed: string) => void;
}

function pickFrom(room: Room, bench: Bench, offer: Offer): PickList {
  const list = new PickList({
    ...offer,
    onPick: (item) => {
      room.overlays.remove(list);
      pick(bench, room, item);
    },
    onCancel: () => room.overlays.remove(list),
    invalidate: room.invalidate,
  });
  room.overlays.push(list);
  return list;
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
