import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Selectable, Selector } from '../../../core/model/policies/contract.ts';
import { matchesFolder, matchesGlob } from '../../../core/model/policies/glob.ts';
import { selects } from '../../../core/model/policies/select.ts';

const nothing: Selector = { endpoints: [], names: [], tags: [], folders: [], except: [] };
const web: Selectable = {
  endpoint: 'lab',
  machine: { id: 'id-1', name: 'web-07', tags: ['gold', 'prod'], folder: '/prod/web', place: 'host-3' },
};

describe('a selector', () => {
  it('lets everything pass when it says nothing, and each of its lists has to let a machine pass', () => {
    expect(selects(nothing, web)).toBe(true);
    expect(selects({ ...nothing, endpoints: ['lab'], tags: ['gold'], names: ['web-*'] }, web)).toBe(true);
    expect(selects({ ...nothing, endpoints: ['lab'], tags: ['silver'], names: ['web-*'] }, web)).toBe(false);
    expect(selects({ ...nothing, endpoints: ['other'] }, web)).toBe(false);
    expect(selects({ ...nothing, tags: ['silver', 'prod'] }, web)).toBe(true);
  });

  it('knows machines by name with stars and question marks, or by their identity, and case matters', () => {
    expect(selects({ ...nothing, names: ['web-0?'] }, web)).toBe(true);
    expect(selects({ ...nothing, names: ['WEB-*'] }, web)).toBe(false);
    expect(selects({ ...nothing, names: ['id-1'] }, web)).toBe(true);
    expect(selects({ ...nothing, names: ['id-*'] }, web)).toBe(false);
  });

  it('leaves out what except names, whatever else lets it pass', () => {
    expect(selects({ ...nothing, names: ['*'], except: ['*-07'] }, web)).toBe(false);
    expect(selects({ ...nothing, except: ['id-1'] }, web)).toBe(false);
  });

  it('looks for a machine in its folder and those above, and in its place where it has no folder', () => {
    expect(selects({ ...nothing, folders: ['/prod'] }, web)).toBe(true);
    expect(selects({ ...nothing, folders: ['/pro'] }, web)).toBe(false);
    expect(selects({ ...nothing, folders: ['/prod/web/deep'] }, web)).toBe(false);
    const { folder: _, ...machine } = web.machine;
    expect(selects({ ...nothing, folders: ['host-3'] }, { ...web, machine })).toBe(true);
  });
});

describe('patterns of names', () => {
  it('match as a regular expression of the same meaning would', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '?'), maxLength: 10 });
    const plain = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 12 });
    fc.assert(
      fc.property(letters, plain, (pattern, text) => {
        const source = [...pattern].map((char) =>
          char === '*' ? '.*' : char === '?' ? '.' : `\\u{${char.codePointAt(0)?.toString(16)}}`,
        );
        expect(matchesGlob(pattern, text)).toBe(new RegExp(`^${source.join('')}$`, 'su').test(text));
      }),
    );
  });

  it('end soon for a pattern that a regular expression would never be done with', () => {
    expect(matchesGlob(`${'*a'.repeat(400)}b`, 'a'.repeat(1_000))).toBe(false);
  });

  it('do not cross folders', () => {
    expect(matchesFolder('/prod/*', '/prod/web')).toBe(true);
    expect(matchesFolder('/*/web', '/prod/eu/web')).toBe(false);
    expect(matchesFolder('/', '/anything')).toBe(true);
  });
});
