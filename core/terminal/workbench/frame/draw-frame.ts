import { safeText } from '../../../model/text/safe-text.ts';
import type { Surface, Widget } from '../../contract.ts';
import { drawActivityBar } from '../parts/activity-bar.ts';
import { drawFooter } from '../parts/footer.ts';
import { cut } from '../parts/line.ts';
import { drawFailure, drawWaiting } from '../parts/states.ts';
import { drawStatusBar } from '../parts/status-bar.ts';
import type { TabStrip } from '../parts/tab-strip.ts';
import { failureOf } from '../tasks/failure.ts';
import { activities } from './activities.ts';
import { hintsOf } from './hints.ts';
import { isTooSmall, type Layout, layOut, type Rect, smallest } from './layout.ts';
import type { Room } from './room.ts';
import { shareDone } from './share-done.ts';

/** How the room is laid out on a screen of this size. */
export const layoutOf = (room: Room, width: number, height: number): Layout =>
  layOut(width, height, {
    hasTabs: room.pages.strip.length > 1,
    sideBar: room.isSideBarShown,
    panel: room.isPanelShown,
  });

const areaOf = (surface: Surface, { x, y, width, height }: Rect): Surface => surface.area(x, y, width, height);

function drawSmall(surface: Surface): void {
  const told = `too small: ${surface.width}×${surface.height}, at least ${smallest.width}×${smallest.height}`;
  surface.text(0, Math.floor(surface.height / 2), cut(safeText(told), surface.width));
}

/** A widget that cannot be drawn costs its own place, not the session. */
function drawGuarded(room: Room, widget: Widget, surface: Surface, isFocused: boolean): void {
  try {
    widget.draw(surface, isFocused);
  } catch (problem) {
    const failure = failureOf(problem);
    surface.fill(0, 0, surface.width, surface.height);
    drawFailure(surface, failure);
    room.couldNotDraw(widget, failure);
  }
}

function drawPage(room: Room, surface: Surface): void {
  const { front } = room.pages;
  if (front !== null) {
    drawGuarded(room, front, surface, room.focus === 'page' && room.overlays.top === null);
    return;
  }
  const { error, views } = room.index;
  const title = activities.find(({ id }) => id === room.pages.activity)?.title ?? '';
  if (error !== null && views === null) drawFailure(surface, failureOf(error));
  else if (views === null) drawWaiting(surface, safeText(title), 0);
  else surface.text(2, 1, safeText(`${title}: your roles have nothing to see here`), { fg: 'descriptionForeground' });
}

const footers = new WeakMap<Room, Widget>();

/** The footer as a widget of the page in front: a page that cannot say its keys is told once. */
function footerOf(room: Room): Widget {
  const known = footers.get(room);
  if (known !== undefined) return known;
  const footer: Widget = {
    draw: (surface) => {
      const line = room.pages.front?.commandLine() ?? null;
      drawFooter(surface, line === null ? null : safeText(line), hintsOf(room));
    },
  };
  footers.set(room, footer);
  return footer;
}

/** Draws the whole workbench. Nothing here asks, waits or changes anything. */
export function drawFrame(room: Room, tabs: TabStrip, toasts: Widget, surface: Surface): void {
  const { width, height } = surface;
  surface.fill(0, 0, width, height);
  if (isTooSmall(width, height)) {
    drawSmall(surface);
    return;
  }
  const layout = layoutOf(room, width, height);
  room.isThere = (part) => (part === 'page' ? layout.page.height > 0 : layout[part] !== null);
  // What has no place any more has no focus either.
  if (!room.isThere(room.focus)) room.focus = layout.page.height > 0 ? 'page' : 'panel';
  const hasKeys = room.overlays.top === null;
  drawActivityBar(areaOf(surface, layout.activityBar), room.pages.activity);
  if (layout.tabs !== null) drawGuarded(room, tabs, areaOf(surface, layout.tabs), false);
  if (layout.sideBar !== null && room.sideBar !== null) {
    drawGuarded(room, room.sideBar, areaOf(surface, layout.sideBar), hasKeys && room.focus === 'sideBar');
  }
  drawPage(room, areaOf(surface, layout.page));
  if (layout.panel !== null && room.panel !== null) {
    drawGuarded(room, room.panel, areaOf(surface, layout.panel), hasKeys && room.focus === 'panel');
  }
  drawGuarded(room, footerOf(room), areaOf(surface, layout.footer), false);
  drawStatusBar(areaOf(surface, layout.statusBar), {
    site: room.desk.site,
    actor: room.desk.actor,
    ...shareDone(room),
    missed: room.counts.missed,
    problems: room.troubles.all.length,
    observers: room.observers,
    pending: room.pending,
  });
  toasts.draw(surface.area(0, 1, width, height - 3), false);
  for (const overlay of room.overlays.all) overlay.draw(surface, overlay === room.overlays.top);
}
