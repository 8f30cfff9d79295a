import { readFileSync } from 'node:fs';
import {
  type Answer,
  apiVersion,
  checkSheet,
  familiesOf,
  isSimpleSchema,
  questions,
  questionsOf,
  type SheetFamily,
  sheetSchema,
  type TargetSheet,
} from '@holdfast/api';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';

const all = Object.keys(questions) as SheetFamily[];

test('the sheet asks the paper’s 48 questions, by their ids, each in words', () => {
  const ids = (family: SheetFamily) => Object.keys(questions[family]).join(' ');
  const numbered = (letter: string, count: number) =>
    Array.from({ length: count }, (_, i) => `${letter}${i + 1}`).join(' ');
  expect(ids('movement')).toBe(numbered('M', 8));
  expect(ids('snapshot')).toBe(numbered('N', 8));
  expect(ids('agent')).toBe(numbered('G', 16));
  expect(ids('proxy')).toBe(numbered('P', 8));
  expect(ids('replication')).toBe(numbered('R', 8));
  expect(questionsOf(['movement', 'snapshot', 'agent', 'proxy', 'replication'])).toHaveLength(48);
  for (const { id, title, question, value } of questionsOf(all)) {
    expect(question, id).toMatch(/^[A-Z].*\?$/);
    expect(title.length, id).toBeLessThan(30);
    expect(isSimpleSchema(value), id).toBe(true);
  }
  expect(new Set(questionsOf(all).map((q) => q.question)).size).toBe(questionsOf(all).length);
});

const answered = (families: readonly SheetFamily[]): Record<string, Answer<never>> =>
  Object.fromEntries(questionsOf(families).map(({ id }) => [id, { notApplicable: 'not in this test' }]));

test('every gap and every surplus answer of a sheet is named', () => {
  for (const family of all) {
    const full = answered([family]);
    expect(checkSheet([family], full)).toEqual([]);
    for (const { id, question } of questionsOf([family])) {
      const { [id]: _, ...gap } = full;
      expect(checkSheet([family], gap)).toEqual([{ path: `/${id}`, message: `is not answered: ${question}` }]);
    }
    expect(checkSheet([family], { ...full, X1: full.M1 })).toEqual([
      { path: '/X1', message: 'is not a question that this contribution is asked' },
    ]);
    for (const nothing of [null, undefined, 7, 'x', []]) {
      expect(checkSheet([family], nothing)[0]?.message).toBe('is not an object of answers');
    }
  }
  expect(checkSheet(familiesOf.hypervisor, answered(['snapshot'])).map((p) => p.path)).toEqual(
    Array.from({ length: 8 }, (_, i) => `/M${i + 1}`),
  );
});

test('an answer of the wrong form is refused where it is wrong', () => {
  const wrong = (id: string, answer: unknown): string => {
    const [problem] = checkSheet(['snapshot'], { ...answered(['snapshot']), [id]: answer });
    return problem === undefined ? '' : `${problem.path} ${problem.message}`;
  };
  const good = { maxConcurrent: 2, maxRetained: null };
  expect(wrong('N1', { value: good, evidence: 'declared' })).toBe('');
  expect(wrong('N1', { value: good, evidence: 'measured', note: 'on a quiet host' })).toBe('');
  expect(wrong('N1', { value: good })).toBe('/N1 is missing evidence');
  expect(wrong('N1', { value: good, evidence: 'rumour' })).toMatch(/^\/N1\/evidence is "rumour", not one of/);
  expect(wrong('N1', { value: { maxConcurrent: 2 }, evidence: 'declared' })).toBe('/N1/value is missing maxRetained');
  expect(wrong('N1', { value: { ...good, maxConcurrent: -1 }, evidence: 'declared' })).toMatch(
    /maxConcurrent is less than 0/,
  );
  expect(wrong('N1', { value: { ...good, extra: 1 }, evidence: 'declared' })).toBe('/N1/value/extra is not known here');
  expect(wrong('N5', { value: [], evidence: 'declared' })).toBe('/N5/value has fewer than 1');
  expect(wrong('N5', { value: ['virtual', 'virtual'], evidence: 'declared' })).toMatch(/the same twice/);
  expect(wrong('N1', { notApplicable: '' })).toBe('/N1/notApplicable is empty');
  expect(wrong('N1', { notApplicable: 'no', value: good })).toBe('/N1/value is not known here');
  expect(wrong('N1', 'yes')).toBe('/N1 is string, not object');
});

test('the schema for editors accepts what the host accepts', () => {
  const ajv = new Ajv2020({ strict: false });
  for (const family of all) {
    const validate = ajv.compile(sheetSchema([family]));
    expect(validate({ $schema: 'x', ...answered([family]) })).toBe(true);
    const [first] = questionsOf([family]);
    const { [first?.id ?? '']: _, ...gap } = answered([family]);
    expect(validate(gap)).toBe(false);
  }
});

test('the types of answers and their schemas are one thing', () => {
  const tier: TargetSheet['tier'] = { value: 'tier1', evidence: 'declared' };
  expect(checkSheet(['target'], { ...answered(['target']), tier })).toEqual([]);
  // @ts-expect-error: the compiler refuses what the schema refuses.
  const wrong: TargetSheet['tier'] = { value: 'tier9', evidence: 'declared' };
  expect(checkSheet(['target'], { ...answered(['target']), tier: wrong })).toHaveLength(1);
});

test('the version that plugins name is the version of the package', () => {
  const manifest = JSON.parse(readFileSync(new URL('../../core/api/package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  expect(apiVersion).toBe(manifest.version);
});
