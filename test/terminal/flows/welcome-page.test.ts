import { expect, test } from 'vitest';
import { builtInWalkthroughs } from '../../../core/shell/views/walkthroughs.ts';
import { welcomePage } from '../../../core/terminal/workbench/flows/welcome/welcome-page.ts';
import { answer, command, press, SmallBench, shot, until } from './small-desk.ts';

/** An installation with so many endpoints and targets. */
function open(endpoints: number, targets: number, runs: readonly { kind: string; state: string }[] = []) {
  const bench = new SmallBench({
    walkthroughs: builtInWalkthroughs,
    answers: {
      'endpoint.list': () => answer('', { endpoints: Array.from({ length: endpoints }, () => ({})) }),
      'target.list': () => answer('', { targets: Array.from({ length: targets }, () => ({ points: 3 })) }),
      'run.list': () => answer('', { runs: [...runs] }),
    },
  });
  return { bench, page: welcomePage(bench) };
}

test('who has nothing yet is shown the first step, and Enter opens the flow that does it', async () => {
  const { page, bench } = open(0, 0);
  await until('the steps', () => shot(page).includes('Protect a machine'));
  expect(shot(page)).not.toContain('✓');
  press(page, '<enter>');
  expect(bench.commands).toEqual([{ command: 'endpoint.add', args: {} }]);
  expect(page.commandLine()).toBe('holdfast endpoint add NAME');
});

test('what is done is ticked, and the cursor stands on the first step that is not', async () => {
  const { page, bench } = open(1, 1, [{ kind: 'protect', state: 'done' }]);
  await until('the ticks', () => shot(page).split('✓').length === 4);
  press(page, '<enter>');
  expect(bench.commands).toEqual([{ command: 'restore.machine', args: {} }]);
});

test('a step is ticked as soon as it is done elsewhere', async () => {
  const runs: { kind: string; state: string }[] = [];
  const { page, bench } = open(1, 1, runs);
  await until('the ticks', () => shot(page).split('✓').length === 4);
  runs.push({ kind: 'restore', state: 'done' });
  bench.desk.change('runs');
  await until('the last tick', () => shot(page).split('✓').length === 5);
});

test('steps whose command a person may not run are left out', async () => {
  const bench = new SmallBench({
    walkthroughs: builtInWalkthroughs,
    commands: [command('protect')],
    answers: {},
  });
  const page = welcomePage(bench);
  await until('the steps', () => shot(page).includes('Protect a machine'));
  expect(shot(page)).not.toContain('Look at the machines of a hypervisor');
});

for (const [width, height] of [
  [80, 24],
  [120, 40],
  [200, 60],
] as const) {
  test(`the welcome fits into ${width}x${height}`, async () => {
    const { page } = open(1, 0);
    await until('the steps', () => shot(page, width, height).includes('✓'));
    await expect(shot(page, width, height)).toMatchFileSnapshot(`golden/welcome-${width}x${height}.txt`);
  });
}
