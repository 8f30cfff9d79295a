import type { Context } from '../../keys/when.ts';
import { type HelpGroup, HelpOverlay } from '../../widgets/dialogue/help-overlay.ts';
import { hintsOf } from '../frame/hints.ts';
import type { OwnCommand } from '../frame/own-commands.ts';
import type { Room } from '../frame/room.ts';

/** Every key that works here and now, by where it comes from. */
export function helpGroups(room: Room, own: readonly OwnCommand[], context: Context): readonly HelpGroup[] {
  const title = (command: string): string =>
    own.find(({ id }) => id === command)?.title ?? room.index.get(command)?.title ?? command;
  const seen = new Set<string>();
  const keysOf = (layer: string): HelpGroup['entries'] =>
    room.bindings.all
      .filter((binding) => binding.layer === layer && (binding.when?.evaluate(context) ?? true))
      .filter((binding) => {
        const key = binding.keys.join(' ');
        const isNew = !seen.has(key);
        seen.add(key);
        return isNew;
      })
      .map((binding) => ({
        key: binding.keys.join(' '),
        title: title(binding.command),
        ...(binding.layer === 'plugin' ? { note: binding.owner } : {}),
      }));
  const here = hintsOf(room).map(({ key, title: told }) => ({ key, title: told }));
  const groups: readonly HelpGroup[] = [
    { title: 'Here', entries: here.slice(0, -2) },
    { title: 'Yours', entries: keysOf('own') },
    { title: 'Plugins', entries: keysOf('plugin') },
    { title: 'Everywhere', entries: keysOf('built-in') },
  ];
  return groups.filter(({ entries }) => entries.length > 0);
}

/** Shows them in front of everything. */
export function openHelp(room: Room, own: readonly OwnCommand[], context: Context): void {
  const help = new HelpOverlay({
    title: `Keys: ${room.pages.front?.title() ?? room.pages.activity}`,
    groups: helpGroups(room, own, context),
    onClose: () => room.overlays.remove(help),
    invalidate: room.invalidate,
  });
  room.overlays.push(help);
}
