import type { Tty } from '../contract.ts';

const askers = new WeakMap<Tty, () => boolean>();

/** Tells how to ask whether anything is still due on a terminal. Called by the screen that is opened on it. */
export function tellBusy(tty: Tty, isBusyNow: () => boolean): void {
  askers.set(tty, isBusyNow);
}

/** Whether a frame is due on this terminal, or half a key is being waited for. Who watches a screen waits for `false`, not for a time. */
export function isBusy(tty: Tty): boolean {
  return askers.get(tty)?.() ?? false;
}
