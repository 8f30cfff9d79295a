import { sampleBytes } from '../bytes.ts';
import type { Check } from '../check.ts';
import { demand, demandFailure, demandNoBug, drain } from '../expect.ts';
import { hostileTexts } from '../hostile.ts';
import type { ProbeStore } from './probe-store.ts';

const allowed = ['a', '0', '-', '_', 'a.b', '...', '.hidden', 'x'.repeat(100), 'deep/er/and/deep/er', 'a-1_2.3'];
const refused = [
  'A',
  'a b',
  'a//b',
  '/a',
  'a/',
  './a',
  'a/./b',
  'a/../b',
  'x'.repeat(101),
  'a/b/c/d/e/f/g/h/i',
  'ä',
  'a:b',
  'a\\b',
];

/** Names that are names, and names that are not. */
export function namingChecks(probe: ProbeStore): readonly Check[] {
  return [
    {
      name: 'every name that the contract allows can be used',
      async run() {
        for (const name of allowed) await probe.put(`names/${name}`, sampleBytes(3, 1), { ifAbsent: true });
        const listed = await probe.list('names/');
        for (const name of allowed) demand(listed.includes(`names/${name}`), `${name} was put and is not listed`);
        return listed.map((name) => name.length);
      },
    },
    {
      name: 'every other name is refused with NAME_INVALID, by each method that takes one',
      async run() {
        const { store, call } = probe;
        const names = [
          ...refused,
          ...hostileTexts.filter((text) => !/^[a-z0-9._-]{1,100}$/.test(text) || text === '..'),
        ];
        for (const name of names) {
          const what = `the name ${JSON.stringify(name.slice(0, 40))}`;
          const body = sampleBytes(1, 1);
          await demandFailure(() => store.put(name, body, {}, call), ['NAME_INVALID'], `put of ${what}`);
          await demandFailure(() => drain(store.get(name, null, call)), ['NAME_INVALID'], `get of ${what}`);
          await demandFailure(() => store.remove(name, call), ['NAME_INVALID'], `remove of ${what}`);
        }
        return names.length;
      },
    },
    {
      name: 'a prefix that no name can have lists nothing or is refused',
      async run() {
        for (const prefix of hostileTexts.filter((text) => !/^[a-z0-9._/-]*$/.test(text))) {
          const what = `a list of the prefix ${JSON.stringify(prefix.slice(0, 40))}`;
          const how = await demandNoBug(async () => {
            for await (const { name } of probe.store.list(prefix, probe.call)) {
              demand(name.startsWith(prefix), `${what} gave ${name}`);
            }
          }, what);
          demand(how === 'ok' || how === 'NAME_INVALID', `${what} failed with ${how}`);
        }
        return null;
      },
    },
    {
      name: 'a list gives the objects of a prefix, with their sizes, and no others',
      async run() {
        for (const name of ['list/a', 'list/ab', 'list/b/c', 'listing']) {
          await probe.put(name, sampleBytes(name.length, 1), { ifAbsent: true });
        }
        const seen: Record<string, readonly string[]> = {};
        for (const prefix of ['list/', 'list/a', 'list/b', 'list/b/', 'list', 'list/zz']) {
          seen[prefix] = await probe.list(prefix);
        }
        const expected: Record<string, readonly string[]> = {
          'list/': ['list/a', 'list/ab', 'list/b/c'],
          'list/a': ['list/a', 'list/ab'],
          'list/b': ['list/b/c'],
          'list/b/': ['list/b/c'],
          list: ['list/a', 'list/ab', 'list/b/c', 'listing'],
          'list/zz': [],
        };
        for (const [prefix, names] of Object.entries(expected)) {
          const got = seen[prefix] ?? [];
          demand(got.join() === names.join(), `a list of ${prefix} gave ${got.join(', ') || 'nothing'}`);
        }
        for (const { name, sizeBytes, modifiedAt } of await probe.infos('list/')) {
          const length = name.length - probe.name('').length;
          demand(sizeBytes === length, `${name} is listed with ${sizeBytes} bytes and has ${length}`);
          demand(Number.isFinite(modifiedAt), `${name} is listed without a time`);
        }
        return seen;
      },
    },
  ];
}
