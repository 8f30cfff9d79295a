import { HoldfastError } from '@holdfast/api';
import { expect, test } from 'vitest';
import { detailView, stackView, tableView, textCell } from '../../../core/shell/view/build.ts';
import { flowFor } from '../../../core/terminal/workbench/flows/flow-for.ts';
import { pointPage } from '../../../core/terminal/workbench/flows/point/point-page.ts';
import { command, noon, press, SmallBench, shot, until } from './small-desk.ts';

const id = 'abcdef0123456789';
const shown = {
  data: {
    point: {
      point: id,
      endpoint: 'lab',
      machineName: 'web-07',
      takenAt: noon,
      disks: [{ key: 'vda' }, { key: 'vdb' }],
    },
  },
  view: stackView('', [
    detailView('', [['machine', 'Machine', textCell('web-07')]]),
    tableView(
      'Disks',
      [{ key: 'key', title: 'disk' }],
      ['vda', 'vdb'].map((key) => ({ id: key, cells: { key: textCell(key) } })),
      'no disks',
    ),
  ]),
};

async function open() {
  const bench = new SmallBench({ answers: { 'point.show': () => shown } });
  const page = pointPage(bench, id);
  await until('the point', () => shot(page).includes('web-07 as it was at 2026-11-22T12:00:00Z'));
  return { bench, page };
}

test('a restore point is restored, verified and forgotten from its page, each by the flow that previews it', async () => {
  const { bench, page } = await open();
  press(page, 'rvx');
  expect(bench.commands).toEqual([
    { command: 'restore.machine', args: { name: 'lab/web-07', at: id } },
    { command: 'point.verify', args: { point: id } },
    { command: 'point.forget', args: { points: [id] } },
  ]);
  expect(bench.desk.done).toEqual([]);
  page.close?.();
});

test('the disk under the cursor is the one that is exported', async () => {
  const { bench, page } = await open();
  press(page, 'e');
  expect(bench.commands.at(-1)).toEqual({ command: 'point.export', args: { point: id, disk: 'vda' } });
  page.close?.();
});

test('a point that is gone is told with what to do', async () => {
  const bench = new SmallBench({
    answers: {
      'point.show': () => Promise.reject(new HoldfastError('POINT_NOT_FOUND', 'there is no restore point abc')),
    },
  });
  const page = pointPage(bench, 'abc');
  await until('the failure', () => shot(page).includes('there is no restore point abc'));
  press(page, 'x');
  expect(bench.commands).toEqual([]);
});

test('each workflow has its page, and a command that is no workflow has none', () => {
  const bench = new SmallBench({});
  const idOf = (name: string, given = {}) => flowFor(bench, command(name), given)?.id.split(':')[0];
  expect(idOf('protect', { machines: ['web-07'] })).toBe('compose');
  expect(idOf('restore.machine', { name: 'web-07' })).toBe('restore');
  expect(idOf('run.watch', { run: '8f2c41aa' })).toBe('run');
  expect(idOf('run.show')).toBeUndefined();
  expect(idOf('point.show', { point: id })).toBe('point');
  expect(idOf('endpoint.add')).toBe('command');
  expect(idOf('point.forget')).toBe('command');
  expect(idOf('machine.list')).toBeUndefined();
});

for (const [width, height] of [
  [80, 24],
  [120, 40],
  [200, 60],
] as const) {
  test(`a restore point fits into ${width}x${height}`, async () => {
    const { page } = await open();
    await expect(shot(page, width, height)).toMatchFileSnapshot(`golden/point-${width}x${height}.txt`);
    page.close?.();
  });
}
