import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expose } from '../../../core/model/metrics/expose.ts';
import { parseExposition } from './parse.ts';

test('whatever names machines have, Prometheus reads each figure as it was given', () => {
  const value = fc.oneof(fc.double(), fc.integer());
  const label = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('a"b', 'a\\', '\n', '{}', '\ud800', ' '));
  fc.assert(
    fc.property(fc.uniqueArray(label, { selector: (text) => text.toWellFormed() }), value, (texts, number) => {
      const samples = texts.map((machine) => ({ labels: { machine, endpoint: 'lab' }, value: number }));
      const read = parseExposition(expose([{ name: 'holdfast_x_bytes', help: 'a\\b\nc', type: 'gauge', samples }]));
      const wanted = texts.map((text) => text.toWellFormed());
      expect(read.get('holdfast_x_bytes')?.map(({ labels }) => labels.machine) ?? []).toEqual(wanted);
      for (const one of read.get('holdfast_x_bytes') ?? [])
        expect(one.value === number || Number.isNaN(number)).toBe(true);
    }),
  );
});

test('a family without a figure is left out', () => {
  expect(expose([{ name: 'holdfast_x', help: 'none', type: 'gauge', samples: [] }])).toBe('');
});
