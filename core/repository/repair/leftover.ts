import { basename, dirname, join } from 'node:path/posix';
import { kindOf, type Relisting } from '../check/inventory.ts';
import type { RepairAct } from './contract.ts';

/** What programs call a file while they copy it: rsync, scp and browsers; and what Holdfast's own half-written files are called. */
const HALF = [/^\.(.+)\.[A-Za-z0-9]{6}$/, /^(.+)\.(?:part|partial|tmp|new|filepart|crdownload)$/, /^\.?(.+)~$/];

/** The object that a half-copied one was to become; `null` when its name does not tell. */
export function wholeNameOf(object: string): string | null {
  for (const pattern of HALF) {
    const name = pattern.exec(basename(object))?.[1];
    const whole = name === undefined ? null : join(dirname(object), name);
    if (whole !== null && kindOf(whole) !== null) return whole;
  }
  return null;
}

/** What becomes of something that is called as nothing in a repository is: it goes only when it has not one byte that is not there elsewhere. */
export async function fateOfLeftover(object: string, bad: ReadonlySet<string>, now: Relisting): Promise<RepairAct> {
  if ((await now.sizeOf(object)) === 0) return { object, act: 'remove', detail: 'there is nothing in it' };
  const whole = wholeNameOf(object);
  if (whole === null)
    return { object, act: 'none', detail: 'it is not of Holdfast: remove it by hand if nobody needs it' };
  if (!bad.has(whole) && (await now.has(whole))) {
    return { object, act: 'remove', detail: `a copy of ${whole} that was broken off; that is here and whole` };
  }
  return {
    object,
    act: 'none',
    detail: `a copy of ${whole} that was broken off, and that is not whole: copy it again`,
  };
}
