import { describe, expect, it } from 'vitest';
import { rows, shown } from './draw.ts';
import { examples } from './examples.ts';

const sizes = [
  [80, 24],
  [120, 40],
  [200, 60],
] as const;

describe.each(sizes)('at %i columns and %i rows', (width, height) => {
  it.each(Object.keys(examples))('this is what a person sees: %s', (name) => {
    const view = examples[name];
    if (view === undefined) throw new Error(`no example ${name}`);
    expect(`\n${rows(shown(view), width, height).join('\n').trimEnd()}\n`).toMatchSnapshot();
  });
});
