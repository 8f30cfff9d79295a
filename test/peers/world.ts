import { expect } from 'vitest';
import { until } from './guest/child.ts';
import type { GuestDiskWish } from './guest/disk.ts';
import { Installation } from './holdfast.ts';
import type { BootWish, Kind, LiveGuest } from './kinds/kind.ts';

export interface World<K extends Kind = Kind> extends AsyncDisposable {
  readonly kind: K;
  readonly installation: Installation;
  readonly guest: LiveGuest;
}

/** A machine `web` that runs, and an installation that knows of it. */
export async function begin<K extends Kind>(
  start: () => Promise<K>,
  disks: readonly GuestDiskWish[],
  wish: BootWish = {},
): Promise<World<K>> {
  const kind = await start();
  try {
    const installation = await Installation.make();
    installation.env = kind.env;
    const guest = await kind.boot('web', disks, wish);
    await installation.must('endpoint', 'add', 'live', ...kind.endpoint, '--yes');
    return {
      kind,
      installation,
      guest,
      async [Symbol.asyncDispose]() {
        await kind[Symbol.asyncDispose]();
        await installation[Symbol.asyncDispose]();
      },
    };
  } catch (cause) {
    await kind[Symbol.asyncDispose]();
    throw cause;
  }
}

/** How far the guest's writer has got. */
export const written = async (guest: LiveGuest): Promise<number> => Number(await guest.sh('cat /tmp/written'));

/** Fails unless nothing was written for a second. */
export async function demandFrozen(guest: LiveGuest): Promise<void> {
  const before = await written(guest);
  await guest.sh('sleep 1');
  expect(await written(guest), 'the guest is frozen').toBe(before);
}

/** Waits until the guest writes again. Answers after how long, in milliseconds. */
export async function thawed(guest: LiveGuest, limitMs: number): Promise<number> {
  const began = performance.now();
  const before = await written(guest);
  await until('the guest writes again', async () => (await written(guest)) > before + 1, limitMs);
  return Math.round(performance.now() - began);
}
