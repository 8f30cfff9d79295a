import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Asked } from '../../../core/terminal/workbench/tasks/asked.ts';

const open = () => {
  const answers: PromiseWithResolvers<string>[] = [];
  const signals: AbortSignal[] = [];
  const asked = new Asked<string>(
    (signal) => {
      const answer = Promise.withResolvers<string>();
      answers.push(answer);
      signals.push(signal);
      return answer.promise;
    },
    () => 0,
    () => {},
  );
  return { asked, answers, signals };
};

it('one question is open at a time, and whoever asks during it gets one more', async () => {
  const { asked, answers } = open();
  for (let times = 0; times < 5; times++) asked.refresh();
  expect(answers).toHaveLength(1);
  answers[0]?.resolve('old');
  await turn();
  expect(answers).toHaveLength(2);
  answers[1]?.resolve('new');
  await turn();
  expect([asked.value, answers.length]).toEqual(['new', 2]);
});

it('what is there stays when asking again fails', async () => {
  const { asked, answers } = open();
  asked.refresh();
  answers[0]?.resolve('there');
  await turn();
  asked.refresh();
  answers[1]?.reject(new Error('gone'));
  await turn();
  expect([asked.state, asked.value]).toEqual(['failed', 'there']);
});

it('a question that hangs is given up for a new one, and its late answer is not taken', async () => {
  const { asked, answers, signals } = open();
  asked.refresh();
  asked.restart();
  expect(signals[0]?.aborted).toBe(true);
  answers[1]?.resolve('new');
  await turn();
  answers[0]?.resolve('late');
  await turn();
  expect(asked.value).toBe('new');
});

it('nothing is asked after the end', () => {
  const { asked, answers } = open();
  asked.close();
  asked.refresh();
  expect(answers).toHaveLength(0);
});
