import { expect, test } from 'vitest';
import { folders } from '../../core/config/folders.ts';

test('folders follow XDG, with its defaults below home', () => {
  expect(folders({ HOME: '/home/ada' })).toEqual({
    config: '/home/ada/.config/holdfast',
    data: '/home/ada/.local/share/holdfast',
    cache: '/home/ada/.cache/holdfast',
  });
  const set = { HOME: '/home/ada', XDG_CONFIG_HOME: '/c', XDG_DATA_HOME: '/d', XDG_CACHE_HOME: '/k' };
  expect(folders(set)).toEqual({ config: '/c/holdfast', data: '/d/holdfast', cache: '/k/holdfast' });
});

test('a relative XDG folder counts as not set, for it would move with the working folder', () => {
  expect(folders({ HOME: '/home/ada', XDG_DATA_HOME: 'data' }).data).toBe('/home/ada/.local/share/holdfast');
  expect(folders({ HOME: '/home/ada', XDG_DATA_HOME: '' }).data).toBe('/home/ada/.local/share/holdfast');
});

test.each([
  [{}, 'not set'],
  [{ HOME: '' }, 'empty'],
  [{ HOME: 'home' }, 'not an absolute path'],
])('without a home folder (%o) there is an error that says what to set', (env, state) => {
  expect(() => folders(env)).toThrow(
    expect.objectContaining({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(state),
      remedy: expect.stringContaining('set HOME'),
    }),
  );
  expect(folders({ ...env, XDG_CONFIG_HOME: '/c', XDG_DATA_HOME: '/d', XDG_CACHE_HOME: '/k' }).data).toBe(
    '/d/holdfast',
  );
});
