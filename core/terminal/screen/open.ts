import type { Screen, ScreenOptions } from '../contract.ts';
import { SessionScreen } from './session.ts';

/**
 * Opens a screen on a terminal and draws the first frame in the next turn. Whoever opens it closes it; when the terminal goes away first,
 * it closes itself and tells `onClose`. Several screens in one process share nothing.
 * @see docs/decisions/terminal-renderer.md
 */
export function openScreen(options: ScreenOptions): Screen {
  return new SessionScreen(options);
}
