import { describe, expect, it } from 'vitest';
import { activities } from '../../../core/terminal/workbench/frame/activities.ts';
import { snapshot } from '../emulator/snapshot.ts';
import { key, sitDown } from './bench.ts';

const sizes = [
  [80, 24],
  [120, 40],
  [200, 60],
] as const;

/** What is shown of the selected row never comes, so that no frame depends on how fast it is. */
const never = (): Promise<never> => new Promise(() => {});
const peeks = ['overview.item', 'run.show', 'point.show', 'target.doctor', 'policy.show', 'plugin.show', 'theme.show'];
const answers = Object.fromEntries(peeks.map((id) => [id, never]));

describe.each(sizes)('at %i columns and %i rows', (columns, rows) => {
  it.each(activities.map(({ id }, index) => [id, index + 1] as const))(
    'the activity %s is reached by its number and looks as before',
    async (id, number) => {
      const seat = await sitDown({ columns, rows, answers });
      await seat.press(String(number));
      // What matters of the selected row comes a little later.
      if (id === 'machines' && rows >= 40) await seat.shows('Machine lab/erp-db');
      if (id !== 'machines') seat.desk.set({ isSilent: true });
      await expect(snapshot(seat.emulator, columns)).toMatchFileSnapshot(`golden/${id}-${columns}x${rows}.txt`);
    },
  );

  it('the panel with what runs looks as before', async () => {
    const seat = await sitDown({ columns, rows });
    await seat.shows('1 running');
    await seat.press('2');
    seat.desk.set({ isSilent: true });
    await seat.press(key.ctrl('J'));
    await seat.shows('protect erp-db');
    await expect(snapshot(seat.emulator, columns)).toMatchFileSnapshot(`golden/panel-${columns}x${rows}.txt`);
  });

  it('the palette looks as before', async () => {
    const seat = await sitDown({ columns, rows });
    await seat.press(key.ctrl('P'), ...'restore');
    await expect(snapshot(seat.emulator, columns)).toMatchFileSnapshot(`golden/palette-${columns}x${rows}.txt`);
  });

  it('the help looks as before', async () => {
    const seat = await sitDown({ columns, rows });
    await seat.press('2');
    seat.desk.set({ isSilent: true });
    await seat.press('?');
    await expect(snapshot(seat.emulator, columns)).toMatchFileSnapshot(`golden/help-${columns}x${rows}.txt`);
  });
});
