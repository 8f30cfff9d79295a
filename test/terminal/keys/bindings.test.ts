import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Binding,
  type Layer,
  type Removal,
  readBinding,
  readBindings,
} from '../../../core/terminal/keys/binding.ts';
import { Bindings } from '../../../core/terminal/keys/bindings.ts';

const bind = (key: string, command: string, layer: Layer = 'built-in', when?: string, owner: string = layer): Binding =>
  readBinding({ key, command, ...(when === undefined ? {} : { when }) }, layer, owner);

const all = (...bindings: readonly Binding[]): Bindings =>
  new Bindings({
    builtIn: bindings.filter(({ layer }) => layer === 'built-in'),
    plugins: bindings.filter(({ layer }) => layer === 'plugin'),
    own: bindings.filter(({ layer }) => layer === 'own'),
  });

const runs = (bindings: Bindings, keys: readonly string[], context = {}): string => {
  const found = bindings.resolve(keys, context);
  return found.kind === 'runs' ? found.binding.command : found.kind;
};

describe('a key', () => {
  test('runs what a person wrote before what a plugin brings, and that before what is built in', () => {
    const bindings = all(bind('p', 'built'), bind('p', 'plugin', 'plugin'), bind('p', 'mine', 'own'));
    expect(runs(bindings, ['p'])).toBe('mine');
    expect(runs(all(bind('p', 'built'), bind('p', 'plugin', 'plugin')), ['p'])).toBe('plugin');
    expect(runs(bindings, ['q'])).toBe('none');
  });

  test('falls to the next one where a condition does not hold', () => {
    const bindings = all(bind('p', 'built'), bind('p', 'mine', 'own', "kind == 'run'"));
    expect(runs(bindings, ['p'], { kind: 'run' })).toBe('mine');
    expect(runs(bindings, ['p'], { kind: 'machine' })).toBe('built');
  });

  test('belongs to the later line of a person and to the earlier plugin', () => {
    expect(runs(all(bind('p', 'one', 'own'), bind('p', 'two', 'own')), ['p'])).toBe('two');
    expect(runs(all(bind('p', 'one', 'plugin'), bind('p', 'two', 'plugin')), ['p'])).toBe('one');
  });

  test('is taken away from a command by its name with a minus, and given back by a later line', () => {
    const removal: Removal = { keys: ['p'], command: 'built', when: null };
    const layers = { builtIn: [bind('p', 'built'), bind('q', 'built')], plugins: [] };
    expect(runs(new Bindings({ ...layers, own: [removal] }), ['p'])).toBe('none');
    expect(runs(new Bindings({ ...layers, own: [removal] }), ['q'])).toBe('built');
    expect(runs(new Bindings({ ...layers, own: [{ ...removal, keys: null }] }), ['q'])).toBe('none');
    expect(runs(new Bindings({ ...layers, own: [{ ...removal, when: 'marked' }] }), ['p'])).toBe('built');
    expect(runs(new Bindings({ ...layers, own: [removal, bind('p', 'built', 'own')] }), ['p'])).toBe('built');
    expect(runs(new Bindings({ ...layers, own: [bind('p', 'built', 'own'), removal] }), ['p'])).toBe('none');
  });

  test('that begins two in a row waits for the second, unless a better one acts at once', () => {
    const bindings = all(bind('g m', 'machines'), bind('g r', 'runs'));
    expect(bindings.resolve(['g'], {})).toMatchObject({
      kind: 'waits',
      by: [{ command: 'machines' }, { command: 'runs' }],
    });
    expect(runs(bindings, ['g', 'r'])).toBe('runs');
    expect(runs(bindings, ['g', 'x'])).toBe('none');
    expect(runs(all(bind('g m', 'machines'), bind('g', 'mine', 'own')), ['g'])).toBe('mine');
    expect(runs(all(bind('g', 'top'), bind('g m', 'mine', 'own')), ['g'])).toBe('waits');
  });

  test('is the same key whatever a terminal calls it', () => {
    const bindings = all(bind('pgup', 'page'), bind('Escape Alt+Shift+x', 'two'));
    expect(runs(bindings, ['pageup'])).toBe('page');
    expect(runs(bindings, ['pgup'])).toBe('page');
    expect(runs(bindings, ['esc', 'alt+X'])).toBe('two');
  });

  test('is found by its command for hints, only where it really runs it', () => {
    const bindings = all(bind('p', 'protect'), bind('ctrl+p', 'protect'), bind('p', 'plan', 'own', "kind == 'run'"));
    expect(bindings.keyOf('protect', {})).toBe('p');
    expect(bindings.keyOf('protect', { kind: 'run' })).toBe('ctrl+p');
    expect(bindings.keyOf('other', {})).toBeNull();
  });

  test('tells who wants it, and who gets it', () => {
    const bindings = all(bind('p', 'built'), bind('p', 'mine', 'own', 'marked'));
    expect(bindings.claims(['p'], {})).toMatchObject([
      { binding: { command: 'mine' }, holds: false, runs: false },
      { binding: { command: 'built' }, holds: true, runs: true },
    ]);
  });
});

describe('conflicts', () => {
  test('are shown with the winner and why, and nothing else stops working', () => {
    const bindings = all(
      bind('p', 'protect', 'built-in', undefined, 'Holdfast'),
      bind('p', 'scan', 'plugin', undefined, '@acme/scan'),
      bind('p', 'probe', 'plugin', 'marked', '@other/probe'),
      bind('q', 'quit'),
    );
    expect(bindings.conflicts()).toMatchObject([
      {
        key: 'p',
        winner: { command: 'scan' },
        losers: [
          { binding: { command: 'probe' }, why: '@acme/scan claimed it first', isAlways: true },
          { binding: { command: 'protect' }, why: 'keys of plugins go before built-in ones', isAlways: true },
        ],
      },
    ]);
    expect(runs(bindings, ['q'])).toBe('quit');
  });

  test('are none where two can never meet, or do the same', () => {
    const bindings = all(
      bind('p', 'one', 'built-in', "kind == 'run'"),
      bind('p', 'two', 'built-in', "kind == 'machine'"),
      bind('r', 'same'),
      bind('r', 'same', 'own'),
    );
    expect(bindings.conflicts()).toEqual([]);
  });

  test('are told where one key keeps two in a row from being typed', () => {
    const [conflict] = all(bind('g m', 'machines'), bind('g', 'mine', 'own')).conflicts();
    expect(conflict?.losers[0]?.why).toBe('g acts at once, so nothing can follow it; your own keys go first');
    const [other] = all(bind('g', 'top'), bind('g m', 'mine', 'own')).conflicts();
    expect(other?.losers[0]?.why).toBe('g waits for a second key; your own keys go first');
  });

  test('of a plugin with thousands of bindings cost no more than a moment', () => {
    const declared = Array.from({ length: 5000 }, (_, index) => ({
      key: 'p',
      command: `c.${index}`,
      when: `a${index} && b${index % 7} > ${index} || c == '${index}'`,
    }));
    const { bindings, problems } = readBindings(declared, 'plugin', '@acme/many');
    expect(bindings).toHaveLength(500);
    expect(problems).toMatchObject([{ text: '@acme/many: only the first 500 of 5000 keys are taken' }]);
    expect(all(...bindings).conflicts().length).toBeGreaterThan(0);
  });

  test('are not looked for without end, however many claim one key', () => {
    let asked = 0;
    const many = Array.from({ length: 500 }, (_, index): Binding => {
      const binding = bind('p', `c${index}`, 'plugin', `kind == '${index}'`);
      const when = binding.when;
      if (when === null) throw new Error('there is a condition');
      const counted = {
        ...when,
        evaluate: (context: Parameters<typeof when.evaluate>[0]) => {
          asked += 1;
          return when.evaluate(context);
        },
      };
      return { ...binding, when: counted };
    });
    expect(all(...many).conflicts()).toEqual([]);
    expect(asked).toBeLessThan(100_000);
  });

  test('say the truth: what always loses never runs, and what is in no conflict always does', () => {
    const conditions = [undefined, 'a', '!a', "k == 'x'", "k == 'y'", 'a && n > 1', 'n > 2'];
    const binding = fc
      .tuple(
        fc.constantFrom('p', 'q', 'p q', 'p r'),
        fc.constantFrom('one', 'two', 'three'),
        fc.constantFrom<Layer>('own', 'plugin', 'built-in'),
        fc.constantFrom(...conditions),
      )
      .map(([key, command, layer, when]) => bind(key, command, layer, when));
    const contexts = fc.record({
      a: fc.boolean(),
      k: fc.constantFrom('x', 'y', 'z'),
      n: fc.nat(4),
    });
    fc.assert(
      fc.property(fc.array(binding, { maxLength: 8 }), contexts, (list, context) => {
        const bindings = all(...list);
        const losers = bindings.conflicts().flatMap((conflict) => conflict.losers);
        for (const one of bindings.all) {
          const [claim] = bindings.claims(one.keys, context).filter((other) => other.binding === one);
          const lost = losers.filter((other) => other.binding === one);
          if (lost.some(({ isAlways }) => isAlways)) expect(claim?.runs).toBe(false);
          const isTwin = bindings.all.some(
            (other) => other !== one && other.command === one.command && other.keys.join() === one.keys.join(),
          );
          if (lost.length === 0 && !isTwin) expect(claim?.runs).toBe(claim?.holds);
        }
      }),
    );
  });

  test('make no difference to resolving: one key runs one binding, the best that holds', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom<Layer>('own', 'plugin', 'built-in'), { minLength: 1, maxLength: 6 }),
        (layers) => {
          const bindings = all(...layers.map((layer, index) => bind('p', `c${index}`, layer)));
          const found = bindings.resolve(['p'], {});
          const best = (['own', 'plugin', 'built-in'] as const).find((layer) => layers.includes(layer));
          expect(found).toMatchObject({ kind: 'runs', binding: { layer: best } });
        },
      ),
    );
  });
});
