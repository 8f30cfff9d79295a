import { encodeList } from '../packs/encode-list.ts';
import { packName } from '../packs/format.ts';
import type { PackAccess } from '../packs/pack-access.ts';
import { readFooter } from '../packs/pack-list.ts';
import type { PackList } from './run-object.ts';

/** Packs that are asked at a time: to a cloud each question is three journeys. */
const AT_ONCE = 8;

/**
 * Asks packs whether an index run says of them what they say themselves: an index is a cache, never proof. What is not there, or is too
 * damaged to tell, is left to those who look for that.
 * @param most Packs that are asked, from the first on.
 * @returns In words what is wrong; `null` when nothing is.
 */
export async function compareRun(
  access: PackAccess,
  lists: readonly PackList[],
  most = lists.length,
): Promise<string | null> {
  const some = lists.slice(0, most);
  for (let at = 0; at < some.length; at += AT_ONCE) {
    const part = some.slice(at, at + AT_ONCE);
    const owns = await Promise.all(part.map(({ pack }) => ownList(access, pack)));
    const wrong = part.find(({ list }, i) => owns[i]?.equals(list) === false);
    if (wrong !== undefined) return `says of ${packName(wrong.pack)} what that does not say of itself`;
  }
  return null;
}

/** What a pack says of itself; `null` when it is not there or not whole. What cannot be read now is found out by whoever needs it. */
async function ownList(access: PackAccess, pack: string): Promise<Buffer | null> {
  try {
    using opened = await access.openAnew(pack);
    const footer = opened === null ? '' : await readFooter(opened);
    return typeof footer === 'string' ? null : encodeList(footer.entries);
  } catch {
    return null;
  }
}
