import { type PickItem, PickList } from '../../widgets/dialogue/pick-list.ts';
import type { Bench } from '../contract.ts';
import type { Room } from '../frame/room.ts';
import type { ThemeItem } from '../frame/themes.ts';
import { failureOf } from '../tasks/failure.ts';

/** Lets a person choose colours: each is shown while it is selected, and escape takes it back. */
export function chooseTheme(room: Room, bench: Bench): void {
  const before = room.themes.current;
  let known: ReadonlyMap<string, ThemeItem> = new Map();
  let isOpen = true;
  const show = (item: PickItem | null): void => {
    const theme = item === null ? undefined : known.get(item.id);
    if (theme === undefined || !isOpen) return;
    room.themes.show(theme).catch((problem: unknown) => {
      const failure = failureOf(problem);
      room.troubles.add(`theme ${theme.label}`, failure, room.desk.now());
      bench.toast(`${theme.label}: ${failure.text}`, 'bad');
    });
  };
  const close = (): void => {
    isOpen = false;
    room.overlays.remove(list);
  };
  const list = new PickList({
    title: 'Choose colours',
    items: [],
    placeholder: 'shown as you choose; escape takes it back',
    empty: '…',
    onSelect: show,
    onPick: (item) => {
      room.remembered.setTheme(item.id);
      show(item);
      close();
    },
    onCancel: () => {
      close();
      room.themes.restore(before);
    },
    invalidate: room.invalidate,
  });
  room.overlays.push(list);
  room.themes
    .all()
    .then((themes) => {
      known = new Map(themes.map((theme) => [theme.id, theme]));
      if (!isOpen) return;
      // The one that is shown comes first, so that opening the list changes nothing.
      const sorted = themes.toSorted((a, b) => Number(b.id === before.id) - Number(a.id === before.id));
      list.setItems(sorted.map(({ id, label }) => ({ id, title: label })));
    })
    .catch(() => {});
}
