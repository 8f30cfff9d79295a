import { isHoldfastError } from '@holdfast/api';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDomain } from '../../../../plugins/hypervisors/kvm/src/domain/parse.ts';
import { rewriteDomain } from '../../../../plugins/hypervisors/kvm/src/domain/rewrite.ts';
import type { Element } from '../../../../plugins/hypervisors/kvm/src/domain/xml.ts';
import { encode, parseXml } from '../../../../plugins/hypervisors/kvm/src/domain/xml.ts';
import { domain } from './fixture.ts';

const uuid = '11111111-2222-4333-8444-555555555555';
const name = fc.constantFrom('a', 'disk', 'qemu:arg', 'x-y.z', '__proto__', 'constructor');
const text = fc
  .string({ unit: fc.constantFrom('x', ' ', '<', '>', '&', '"', "'", 'é', '😀', ']', '-') })
  .map((value) => value.trim());
const tree = fc.letrec<{ element: Element }>((tie) => ({
  element: fc.record({
    name,
    attributes: fc
      .uniqueArray(fc.tuple(name, text), { selector: ([key]) => key, maxLength: 3 })
      .map((pairs) => new Map(pairs)),
    children: fc.oneof({ maxDepth: 4 }, fc.constant([]), fc.array(tie('element'), { maxLength: 3 })),
    text,
  }),
})).element;

function write(element: Element): string {
  const attributes = [...element.attributes].map(([key, value]) => ` ${key}="${encode(value)}"`).join('');
  return `<${element.name}${attributes}><!-- <no> -->${encode(element.text)}${element.children.map(write).join('')}</${element.name}>`;
}

test('any document that was written is read as it was meant', () => {
  fc.assert(
    fc.property(
      tree,
      (document) => void expect(parseXml(`<?xml version="1.0"?>\n${write(document)}\n`)).toEqual(document),
    ),
    {
      numRuns: 300,
    },
  );
});

test('what libvirt may write besides elements is understood', () => {
  const element = parseXml(
    `\ufeff<?xml version='1.0'?><!-- a --><d a='1' b = "&#65;&#x42;&unknown;"><![CDATA[<x>&amp;]]><e/>tail</d>`,
  );
  expect(element).toMatchObject({ name: 'd', text: '<x>&amp;tail', children: [{ name: 'e' }] });
  expect([...element.attributes]).toEqual([
    ['a', '1'],
    ['b', 'AB&unknown;'],
  ]);
});

test.each([
  '',
  'x',
  '<a>',
  '</a>',
  '<a></b>',
  '<a/><b/>',
  '<a/>x',
  '<a b/>',
  '<a b=c/>',
  '<a b="<"/>',
  '<a b="1" b="2"/>',
  '<a',
  '<1/>',
  '<!DOCTYPE a><a/>',
  '<a><!ENTITY b "c"></a>',
  '<a>&amp',
  '<!-- ',
  '<a><![CDATA[x</a>',
])('%j is no document', (broken) => {
  if (broken === '<a>&amp') expect(() => parseXml(broken)).toThrow('no end');
  else expect(() => parseXml(broken)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
});

test('10,000 damaged definitions are read or refused, never anything else', () => {
  const whole = domain('erp', uuid, [
    ['vda', 'raw', '/srv/a.raw'],
    ['vdb', 'qcow2', 'b.qcow2'],
  ]);
  const damage = fc.array(
    fc.record({ at: fc.nat(whole.length - 1), cut: fc.nat(40), put: fc.string({ maxLength: 12 }) }),
    {
      minLength: 1,
      maxLength: 4,
    },
  );
  let refused = 0;
  fc.assert(
    fc.property(damage, (places) => {
      let damaged = whole;
      for (const { at, cut, put } of places) damaged = damaged.slice(0, at) + put + damaged.slice(at + cut);
      try {
        parseDomain(damaged);
      } catch (thrown) {
        if (!isHoldfastError(thrown, 'CONFIG_INVALID')) throw thrown;
        refused += 1;
      }
    }),
    { numRuns: 10_000 },
  );
  expect(refused).toBeGreaterThan(1000);
});

test.each([
  ['tags that never end', '<a '.repeat(300_000)],
  ['a comment that never ends', `<a>${'<!--'.repeat(200_000)}`],
  ['a million attributes', `<a ${'b="" '.repeat(200_000)}/>`],
  ['a megabyte of references', `<a>${'&#65;'.repeat(200_000)}</a>`],
  ['blanks', `<a${' '.repeat(1_000_000)}`],
  ['blanks before a value', `<a b${' '.repeat(500_000)}`],
])('%s take no time', (_what, hostile) => {
  const started = process.cpuUsage();
  try {
    parseXml(hostile);
  } catch (thrown) {
    expect(thrown).toMatchObject({ code: 'CONFIG_INVALID' });
  }
  expect(process.cpuUsage(started).user / 1000).toBeLessThan(2000);
});

test('a definition that is rewritten twice is whole, and has the names that it was given', () => {
  const hostile = `<&>"' ]]> é`;
  const to = { name: hostile, uuid, disks: new Map([['vda', `/srv/${hostile}.raw`]]) };
  const once = rewriteDomain(
    domain('old', '99999999-2222-4333-8444-555555555555', [['vda', 'qcow2', '/old.qcow2']]),
    to,
  );
  const twice = rewriteDomain(once, to);
  expect(twice).toBe(once);
  expect(parseDomain(twice)).toMatchObject({
    name: hostile,
    uuid,
    disks: [{ key: 'vda', type: 'file', format: 'raw', source: `/srv/${hostile}.raw` }],
  });
});
