import type { CommandResult } from '@holdfast/api';
import { HoldfastError } from '@holdfast/api';
import { expect, test } from 'vitest';
import { Preview } from '../../../core/terminal/workbench/flows/preview.ts';
import { answer, command, SmallDesk, until } from './small-desk.ts';

const protect = command('protect');
const knownText = (preview: Preview): string => JSON.stringify(preview.shown?.view ?? null);

test('a preview tries a command with dryRun and never runs the change', async () => {
  const desk = new SmallDesk({ answers: { protect: () => answer('would read 1 GiB') } });
  const preview = new Preview(desk, () => {});
  preview.want(protect, { machines: ['web-07'] });
  await preview.settled();
  expect(desk.ran).toEqual([{ command: 'protect', args: { machines: ['web-07'], dryRun: true } }]);
  expect(knownText(preview)).toContain('would read 1 GiB');
  preview.close();
});

test('a preview says nothing of a command that only reads, for running it would be the thing itself', async () => {
  const desk = new SmallDesk({});
  const preview = new Preview(desk, () => {});
  preview.want(command('point.export'), { point: '8f2c41aa', to: '/srv/disk.raw' });
  await preview.settled();
  expect(desk.ran).toEqual([]);
  preview.close();
});

test('the answer to an older question never takes the place of a newer one', async () => {
  const late = Promise.withResolvers<CommandResult>();
  const desk = new SmallDesk({
    answers: { protect: ({ to }) => (to === 'slow' ? late.promise : answer('would write to fast')) },
  });
  const preview = new Preview(desk, () => {});
  preview.want(protect, { machines: ['web-07'], to: 'slow' });
  void preview.settled();
  await until('the first question', () => desk.ran.length === 1);
  preview.want(protect, { machines: ['web-07'], to: 'fast' });
  await preview.settled();
  late.resolve(answer('would write to slow'));
  await late.promise;
  await new Promise((resolve) => setTimeout(resolve, 1));
  expect(knownText(preview)).toContain('would write to fast');
  preview.close();
});

test('a question that was overtaken is stopped', async () => {
  const stopped: boolean[] = [];
  const desk = new SmallDesk({
    answers: {
      protect: (_args, { signal }) => {
        signal.addEventListener('abort', () => stopped.push(true));
        return new Promise<CommandResult>(() => {});
      },
    },
  });
  const preview = new Preview(desk, () => {});
  preview.want(protect, { machines: ['web-07'] });
  void preview.settled();
  await until('the question', () => desk.ran.length === 1);
  preview.hold('no machine is chosen');
  expect(stopped).toEqual([true]);
  expect(preview.state).toEqual({ kind: 'waiting', why: 'no machine is chosen' });
});

test('several changes in a row are asked about once, with what stands at the end', async () => {
  const desk = new SmallDesk({ answers: { protect: () => answer('') } });
  const preview = new Preview(desk, () => {});
  for (const to of ['m', 'ma', 'mai', 'main']) preview.want(protect, { machines: ['web-07'], to });
  await preview.settled();
  expect(desk.ran.map(({ args }) => args.to)).toEqual(['main']);
  preview.close();
});

test('what a command refuses is told with what to do about it', async () => {
  const problem = new HoldfastError('TARGET_NOT_FOUND', 'there is no target mian', { remedy: 'did you mean main?' });
  const desk = new SmallDesk({ answers: { protect: () => Promise.reject(problem) } });
  const preview = new Preview(desk, () => {});
  preview.want(protect, { machines: ['web-07'], to: 'mian' });
  expect(await preview.settled()).toEqual({
    kind: 'refused',
    trouble: { code: 'TARGET_NOT_FOUND', text: 'there is no target mian', remedy: 'did you mean main?' },
  });
  preview.close();
});
