import type { Port } from '@holdfast/api';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type StepShape, stepsToRun } from '../../core/engine/run/steps-to-run.ts';

const snapshot = (hasOutput = false): StepShape => ({
  needs: ['machine'],
  gives: ['snapshot'],
  isPassing: true,
  hasOutput,
});
const proxy = (hasOutput = false): StepShape => ({
  needs: ['snapshot'],
  gives: ['restore-point'],
  isPassing: false,
  hasOutput,
});
const copy = (hasOutput = false): StepShape => ({
  needs: ['restore-point'],
  gives: ['copy'],
  isPassing: false,
  hasOutput,
});

test('a workflow that has not begun runs all its steps', () => {
  expect(stepsToRun([snapshot(), proxy(), copy()])).toEqual([0, 1, 2]);
});

test('when only the copy failed, neither a new snapshot nor a new restore point is made', () => {
  expect(stepsToRun([snapshot(), proxy(true), copy()])).toEqual([2]);
});

test('when the restore point failed, the snapshot that was released is taken anew', () => {
  expect(stepsToRun([snapshot(), proxy(), copy()])).toEqual([0, 1, 2]);
  expect(stepsToRun([snapshot(true), proxy(), copy()])).toEqual([1, 2]);
});

test('a workflow that is done runs nothing', () => {
  expect(stepsToRun([snapshot(), proxy(true), copy(true)])).toEqual([]);
});

test('a snapshot for its own sake is taken although no step reads it', () => {
  expect(stepsToRun([snapshot()])).toEqual([0]);
});

test('two restore points from one snapshot: the one that failed brings the snapshot back, the other stays', () => {
  expect(stepsToRun([snapshot(), proxy(true), proxy()])).toEqual([0, 2]);
});

test('whatever is there already, every step that runs has what it needs', () => {
  const ports: readonly Port[] = ['snapshot', 'restore-point', 'copy', 'replica'];
  const chain = fc.array(fc.record({ isPassing: fc.boolean(), hasOutput: fc.boolean() }), {
    minLength: 1,
    maxLength: 4,
  });
  fc.assert(
    fc.property(chain, (links) => {
      const steps = links.map(({ isPassing, hasOutput }, index): StepShape => {
        const before: readonly Port[] = index === 0 ? ['machine'] : ports.slice(index - 1, index);
        return { needs: before, gives: ports.slice(index, index + 1), isPassing, hasOutput };
      });
      const toRun = new Set(stepsToRun(steps));
      for (const index of toRun) expect(index === 0 || toRun.has(index - 1) || steps[index - 1]?.hasOutput).toBe(true);
      // What lasts and is missing is always made, and what is there never again.
      for (const [index, step] of steps.entries()) {
        if (step.hasOutput) expect(toRun.has(index)).toBe(false);
        else if (!step.isPassing) expect(toRun.has(index)).toBe(true);
      }
    }),
  );
});
