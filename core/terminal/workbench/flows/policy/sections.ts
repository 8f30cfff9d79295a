import { type SafeText, safeText } from '../../../../model/text/safe-text.ts';
import type { Style, Surface } from '../../../contract.ts';
import { asSafe, drawLine, quiet, toneStyle } from '../lines.ts';

export const sectionIds = ['policy', 'machines', 'steps', 'times', 'keep'] as const;
export type SectionId = (typeof sectionIds)[number];

const titles: Readonly<Record<SectionId, SafeText>> = {
  policy: safeText('Policy'),
  machines: safeText('Machines'),
  steps: safeText('Steps'),
  times: safeText('When'),
  keep: safeText('Keep'),
};

const detailAt = 13;

/** What a section says in one line, whether it is open or not. */
export interface Told {
  readonly text: string;
  readonly isWrong: boolean;
}

/** Rows that each section gets below its heading: all of them where there is room, else the one that is worked in. */
export function shareRows(
  wanted: Readonly<Record<SectionId, number>>,
  current: SectionId,
  room: number,
): Readonly<Record<SectionId, number>> {
  const total = sectionIds.reduce((sum, id) => sum + wanted[id], 0);
  return Object.fromEntries(
    sectionIds.map((id) => [id, total <= room ? wanted[id] : id === current ? Math.min(wanted[id], room) : 0]),
  ) as Record<SectionId, number>;
}

/** The line of a section: what it is, and what is in it. */
export function drawHeading(
  surface: Surface,
  y: number,
  id: SectionId,
  told: Told,
  how: { readonly isOpen: boolean; readonly isHere: boolean; readonly isWorkedIn: boolean },
): void {
  const style: Style = how.isHere
    ? { fg: 'list.activeSelectionForeground', bg: 'list.activeSelectionBackground' }
    : how.isWorkedIn
      ? { fg: 'panelTitle.activeForeground' }
      : {};
  if (how.isHere) surface.fill(0, y, surface.width, 1, style);
  drawLine(surface, 1, y, asSafe(`${how.isOpen ? '▾' : '▸'} ${titles[id]}`), { ...style, bold: true });
  const sign = told.isWrong ? '✗ ' : '';
  const detail = how.isHere ? style : told.isWrong ? toneStyle('bad') : quiet;
  drawLine(surface, detailAt, y, safeText(`${sign}${told.text}`), detail);
}
