import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { withoutLeaks } from '../../core/base/leak-watch.ts';
import { Lifetime } from '../../core/base/lifetime.ts';

const thing = (log: string[], name: string): AsyncDisposable => ({
  async [Symbol.asyncDispose]() {
    log.push(`${name} going`);
    await wait(1);
    log.push(`${name} gone`);
  },
});

test('what was opened last is closed first, and each is closed before the next begins to close', async () => {
  const log: string[] = [];
  const life = new Lifetime('test');
  life.own(thing(log, 'first'));
  life.own({ [Symbol.dispose]: () => void log.push('second gone') });
  life.own(thing(log, 'third'));
  await life.end();
  expect(log).toEqual(['third going', 'third gone', 'second gone', 'first going', 'first gone']);
});

test('one that fails to close does not keep the others open, and every failure is told', async () => {
  const log: string[] = [];
  const life = new Lifetime('test');
  const failing = (name: string) => () => Promise.reject(new Error(name));
  life.own(thing(log, 'only'));
  life.defer(failing('one'));
  life.defer(failing('two'));
  const failure = await life.end().catch((thrown: unknown) => thrown);
  expect(failure).toBeInstanceOf(AggregateError);
  expect((failure as AggregateError).errors.map(String)).toEqual(['Error: two', 'Error: one']);
  expect(log).toEqual(['only going', 'only gone']);

  const alone = new Lifetime('alone');
  alone.defer(failing('three'));
  await expect(alone.end()).rejects.toThrow('three');
});

test('ending twice closes once, and both callers wait for the same end', async () => {
  const log: string[] = [];
  const life = new Lifetime('test');
  life.own(thing(log, 'only'));
  await Promise.all([life.end(), life.end()]);
  await life.end();
  expect(log).toEqual(['only going', 'only gone']);
  expect(life.isEnded).toBe(true);
});

test('a thing that arrives after the end is closed at once, and the caller is told', async () => {
  const log: string[] = [];
  const life = new Lifetime('test');
  const end = life.end();
  expect(() => life.own(thing(log, 'late'))).toThrow('test has ended');
  await end;
  await wait(5);
  expect(log).toEqual(['late going', 'late gone']);
});

test('a thing can be given back early, and is not closed again at the end', async () => {
  const log: string[] = [];
  await using life = new Lifetime('test');
  const early = life.own(thing(log, 'early'));
  await life.release(early);
  await life.release(early);
  await life.end();
  expect(log).toEqual(['early going', 'early gone']);
});

test('a lifetime within another ends with it, or before it and then is forgotten', async () => {
  const log: string[] = [];
  const outer = new Lifetime('outer');
  const short = outer.within('short');
  short.own(thing(log, 'short'));
  outer.within('long').own(thing(log, 'long'));
  await short.end();
  await outer.end();
  expect(log).toEqual(['short going', 'short gone', 'long going', 'long gone']);
});

test('a leak is found and named with the place where it began', async () => {
  const leaky = withoutLeaks(async () => {
    const life = new Lifetime('outer');
    life.within('forgotten');
  });
  await expect(leaky).rejects.toThrow(/2 not ended:.*begun here: outer\/forgotten.*lifetime\.test\.ts/s);
  await withoutLeaks(async () => {
    await using life = new Lifetime('clean');
    life.within('inner');
  });
});
