import { chmod, stat } from 'node:fs/promises';

/** The modes of what is made in a target. */
export interface Rights {
  readonly file: number;
  readonly folder: number;
  /** Several users have the target: its folder is sticky and its group may write. Then modes are set whatever the process's mask says. */
  readonly isShared: boolean;
  /** User who owns the folder of the target, the keeper of a shared one. */
  readonly keeper: number;
}

const privately = { file: 0o600, folder: 0o700, isShared: false };
const sticky = 0o1000;
const writableForGroup = 0o020;

/** Rights follow the folder of the target, so that an administrator sets them where they are kept. */
export async function rightsOf(root: string): Promise<Rights> {
  const { mode, uid } = await stat(root);
  const isShared = (mode & sticky) !== 0 && (mode & writableForGroup) !== 0;
  if (!isShared) return { ...privately, keeper: uid };
  return { file: 0o600 | (mode & 0o044), folder: mode & 0o7777, isShared, keeper: uid };
}

/** Sets the mode of something that was just made; a process's mask would have taken the group's rights away. */
export async function share(path: string, mode: number, rights: Rights): Promise<void> {
  if (rights.isShared) await chmod(path, mode);
}
