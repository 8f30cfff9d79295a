/** A rectangle of the screen, in cells. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What the person wants to see, and what there is. */
export interface LayoutWish {
  /** Whether there is more than one page to choose from. */
  readonly hasTabs: boolean;
  /** `null`: where there is room for it. */
  readonly sideBar: boolean | null;
  readonly panel: boolean;
}

/** Where everything stands. `null` where something is not shown. */
export interface Layout {
  readonly activityBar: Rect;
  readonly tabs: Rect | null;
  readonly sideBar: Rect | null;
  readonly page: Rect;
  readonly panel: Rect | null;
  readonly footer: Rect;
  readonly statusBar: Rect;
}

/** Below this nothing can be read any more. */
export const smallest = { width: 40, height: 10 } as const;

/** Whether a window is too small for the workbench. */
export const isTooSmall = (width: number, height: number): boolean =>
  width < smallest.width || height < smallest.height;

const sideBarFrom = 110;
const sideBarAtLeast = 64;
const panelBesidePageFrom = 18;

const between = (low: number, value: number, high: number): number => Math.max(low, Math.min(high, value));

/** Shares out a screen: one line above, two below, the rest for the side bar, the page and the panel. */
export function layOut(width: number, height: number, wish: LayoutWish): Layout {
  const top = wish.hasTabs ? 2 : 1;
  const inner = Math.max(0, height - top - 2);
  const hasSideBar = wish.sideBar === null ? width >= sideBarFrom : wish.sideBar && width >= sideBarAtLeast;
  const sideWidth = hasSideBar ? between(20, Math.round(width * 0.2), 36) : 0;
  // A low window has room for one of the two: the panel stands in front of the page.
  const panelHeight = !wish.panel ? 0 : height < panelBesidePageFrom ? inner : between(6, Math.round(inner * 0.35), 16);
  const right = { x: sideWidth, width: width - sideWidth };
  return {
    activityBar: { x: 0, y: 0, width, height: 1 },
    tabs: wish.hasTabs ? { x: 0, y: 1, width, height: 1 } : null,
    sideBar: hasSideBar ? { x: 0, y: top, width: sideWidth, height: inner } : null,
    page: { ...right, y: top, height: inner - panelHeight },
    panel: wish.panel ? { ...right, y: top + inner - panelHeight, height: panelHeight } : null,
    footer: { x: 0, y: height - 2, width, height: 1 },
    statusBar: { x: 0, y: height - 1, width, height: 1 },
  };
}

/** Whether a cell lies in a rectangle. */
export const isWithin = (rect: Rect | null, x: number, y: number): boolean =>
  rect !== null && x >= rect.x && x < rect.x + rect.width && y >= rect.y && y < rect.y + rect.height;
