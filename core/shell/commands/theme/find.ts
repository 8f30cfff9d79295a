import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { HoldfastError } from '@holdfast/api';
import { nearest } from '../../../config/nearest.ts';
import { isLocal } from '../../access/roles.ts';
import type { Site } from '../../contract.ts';
import { type ListedTheme, listThemes } from '../../themes/all-themes.ts';
import { readThemeFile, type ThemeFile } from '../../themes/theme-file.ts';

/** The theme that someone means: by its id, or a file. Throws `USAGE`, `THEME_INVALID`. */
export async function findTheme(
  site: Site,
  wanted: string,
): Promise<{ readonly theme: Omit<ListedTheme, 'uiTheme'>; readonly read: ThemeFile }> {
  const all = await listThemes(site);
  const listed = all.find(({ id }) => id === wanted) ?? all.find(({ id }) => id === `own:${wanted}`);
  if (listed !== undefined) {
    // A file of one's own has no manifest that says what it is.
    const read = await readThemeFile(listed.file, listed.owner === 'own' ? undefined : listed.uiTheme);
    return { theme: listed, read };
  }
  const file = resolve(wanted);
  // Which files there are on a server is not for everybody.
  const mayLook = isLocal(site.actor) || site.actor.roles.includes('administrator');
  if (mayLook && wanted.endsWith('.json') && existsSync(file)) {
    const theme = { id: wanted, label: basename(file, '.json'), path: wanted, file, owner: 'file' };
    return { theme, read: await readThemeFile(file) };
  }
  const meant = nearest(
    wanted,
    all.map(({ id }) => id),
  );
  const list = '`holdfast theme list` shows what there is';
  throw new HoldfastError('USAGE', `there is no theme ${wanted}`, {
    remedy: meant === undefined ? list : `did you mean ${meant}? ${list}`,
  });
}
