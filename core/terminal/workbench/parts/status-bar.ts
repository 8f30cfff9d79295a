import { type SafeText, safeText } from '../../../model/text/safe-text.ts';
import type { Actor } from '../../../shell/access/contract.ts';
import { formatCount, formatNumbered } from '../../../shell/format/numbers.ts';
import { signs } from '../../../shell/render/paint.ts';
import type { Style, Surface } from '../../contract.ts';
import { cut, drawRight, widthOf } from './line.ts';

/** What the status bar tells. */
export interface Status {
  readonly site: string;
  readonly actor: Actor;
  readonly running: number;
  /** Share done of what runs and says how much there is, 0 to 1; `null` when nothing does. */
  readonly done: number | null;
  /** Machines that miss their objective or are about to; `null` while that is not known. */
  readonly missed: number | null;
  readonly problems: number;
  /** Names of those who look on. */
  readonly observers: readonly string[];
  /** First key of a sequence that was pressed. */
  readonly pending: string | null;
}

const bar: Style = { fg: 'statusBar.foreground', bg: 'statusBar.background' };

/** Draws the last line: where one is, what runs, what is wrong, who one is. */
export function drawStatusBar(surface: Surface, status: Status): void {
  surface.fill(0, 0, surface.width, 1, bar);
  const right: SafeText = safeText(`${status.actor.name} (${status.actor.roles.join(', ') || 'no role'}) `, 60);
  const end = drawRight(surface, surface.width, 0, cut(right, Math.floor(surface.width * 0.4)), bar);
  const share = status.done === null ? '' : ` ${Math.floor(status.done * 100)} %`;
  const parts: readonly string[] = [
    status.site,
    // Whoever is watched has to know, whatever else there is to tell.
    ...(status.observers.length === 0 ? [] : [`watched by ${status.observers.join(', ')}`]),
    status.running === 0 ? `${signs.quiet} nothing runs` : `${signs.active} ${status.running} running${share}`,
    ...(status.missed === null
      ? []
      : [status.missed === 0 ? `${signs.good} RPO met` : `${signs.bad} ${formatCount(status.missed)} RPO at risk`]),
    ...(status.problems === 0 ? [] : [`${signs.risk} ${formatNumbered(status.problems, 'problem')}`]),
    ...(status.pending === null ? [] : [`${status.pending} …`]),
  ];
  let x = 1;
  for (const part of parts) {
    const text = safeText(part, 80);
    if (x + widthOf(text) >= end) break;
    x += surface.text(x, 0, text, bar) + 3;
  }
}
