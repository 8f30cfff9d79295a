import type { Context } from '../../keys/when.ts';
import { type HelpGroup, HelpOverlay } from '../../widgets/dialogue/help-overlay.ts';
import { hintsOf } from '../frame/hints.ts';
import type { OwnCommand } from '../frame/own-commands.ts';
import type { Room } from '../frame/room.ts';

/** Every key that works here and now, by where it comes from. */
export function helpGroups(room: Room, own: readonly OwnCommand[], context: Context): readonly HelpGroup[] {
  const title = (command: string): string =>
    own.find(({ id }) => id === command)?.title ?? room.index.get(command)?.title ?? command;
  const taken = new Set<string>();
  const keysOf = (layer: string): HelpGroup['entries'] => {
    const entries = new Map<string, { keys: string[]; note: string | null }>();
    for (const binding of room.bindings.all) {
      const key = binding.keys.join(' ');
      if (binding.layer !== layer || taken.has(key) || binding.when?.evaluate(context) === false) continue;
      taken.add(key);
      const entry = entries.get(binding.command) ?? { keys: [], note: layer === 'plugin' ? binding.owner : null };
      entry.keys.push(key);
      entries.set(binding.command, entry);
    }
    return [...entries].map(([command, { keys, note }]) => ({
      key: keys.join('/'),
      title: title(command),
      ...(note === null ? {} : { note }),
    }));
  };
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
