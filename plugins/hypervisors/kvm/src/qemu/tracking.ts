import type { Call } from '@holdfast/api';
import { isHoldfastError } from '@holdfast/api';
import { isTrackingOf } from '../live/names.ts';
import type { Machines } from './machines.ts';
import { readToken } from './tokens.ts';

/** Removes this site's bitmaps of a machine but those of the tokens. A bitmap costs a little of each write, and room in the image. */
export async function retainBitmaps(
  machines: Machines,
  machine: string,
  keep: { readonly site: string; readonly tokens: readonly string[] },
  call: Call,
): Promise<void> {
  const kept = new Set(keep.tokens.map((token) => readToken(token)?.bitmap));
  try {
    await machines.with(
      machine,
      async (qmp, { disks }) => {
        for (const { node, bitmaps, disk } of disks) {
          for (const { name } of bitmaps) {
            if (!isTrackingOf(name, keep.site) || kept.has(name)) continue;
            await qmp.execute('block-dirty-bitmap-remove', { node, name }).catch((thrown: unknown) => {
              if (qmp.isEnded || !isHoldfastError(thrown)) throw thrown;
              call.log('debug', `the bitmap ${name} of disk ${disk.key} stays for now: ${thrown.message}`);
            });
          }
        }
      },
      call,
    );
  } catch (thrown) {
    if (!isHoldfastError(thrown, 'MACHINE_NOT_FOUND')) throw thrown;
  }
}
