import { safeText } from '../../../model/text/safe-text.ts';
import type { Hint } from '../contract.ts';
import type { Room } from './room.ts';

/** The keys of whatever has the focus, then the two that lead to everything else. */
export function hintsOf(room: Room): readonly Hint[] {
  const { focus, panel, sideBar, pages } = room;
  const own = focus === 'panel' ? panel?.hints() : focus === 'sideBar' ? sideBar?.hints() : pages.front?.hints();
  const undo = room.undoing === null ? [] : [{ key: 'u', title: safeText('undo') }];
  const last = ['palette', 'help'].flatMap((id) => {
    const key = room.bindings.keyOf(`workbench.${id}`, room.context());
    return key === null ? [] : [{ key, title: safeText(id === 'palette' ? 'commands' : 'keys') }];
  });
  return [...undo, ...(own ?? []), ...last];
}
