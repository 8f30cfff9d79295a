import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlainValue } from '../../../core/config/located.ts';
import { setPolicyInText, writtenIn } from '../../../core/config/policies/edit.ts';
import { readPolicies } from '../../../core/config/policies/read.ts';
import type { Written } from '../../../core/config/policies/written.ts';
import { writtenPolicy } from '../../../core/config/policies/written.ts';
import type { PolicySet } from '../../../core/model/policies/contract.ts';

const file = `# Ours.
zone: Europe/London   # where we are
policies:
  # The shop.
  gold:
    title: "Databases"   # in quotes
    protect: { endpoint: lab,   tags: [gold] }
    objective: { rpo: 4h }

    workflows:
      backup:
        schedule: 0 */2 * * *   # even hours
        steps:
          - snapshot: { quiesce: none }   # by hand
          # then
          - proxy: { to: main }
    keep:
      main: { daily: 14 }   # two weeks
  # Never mind.
  silver:
    protect: { names: ['mail-*'] }
    workflows: { backup: { every: 12h, steps: [ snapshot, { proxy: { to: main } } ] } }
# The end.
`;

const goldOf = (text: string): Written => writtenIn(text, 'gold') ?? {};
const changed = (more: Written): string => setPolicyInText(file, 'gold', { ...goldOf(file), ...more });

/** Lines of one text that are not in the other, each with its sign. */
const difference = (before: string, after: string): readonly string[] => {
  const [old, fresh] = [before.split('\n'), after.split('\n')];
  return [
    ...old.filter((line) => !fresh.includes(line)).map((line) => `-${line}`),
    ...fresh.filter((line) => !old.includes(line)).map((line) => `+${line}`),
  ];
};

describe('a change of one policy in a file', () => {
  it('touches the line that says it, and its comment stays', () => {
    expect(difference(file, changed({ title: 'Databases: the shop' }))).toEqual([
      '-    title: "Databases"   # in quotes',
      "+    title: 'Databases: the shop'   # in quotes",
    ]);
    expect(difference(file, changed({ keep: { main: { daily: 30 } } }))).toEqual([
      '-      main: { daily: 14 }   # two weeks',
      '+      main: { daily: 30 }   # two weeks',
    ]);
  });

  it('within braces writes those braces anew, and takes away keys with their lines', () => {
    expect(difference(file, changed({ protect: { endpoint: 'lab', tags: ['gold', 'prod'] } }))).toEqual([
      '-    protect: { endpoint: lab,   tags: [gold] }',
      '+    protect: { endpoint: lab, tags: [ gold, prod ] }',
    ]);
    const { objective: _, ...rest } = goldOf(file);
    expect(difference(file, setPolicyInText(file, 'gold', rest))).toEqual(['-    objective: { rpo: 4h }']);
  });

  it('changes one step and leaves the comments beside the others', () => {
    const steps = [{ snapshot: { quiesce: 'filesystem' } }, { proxy: { to: 'main' } }];
    const workflows = { backup: { schedule: '0 */2 * * *', steps } };
    expect(difference(file, changed({ workflows }))).toEqual([
      '-          - snapshot: { quiesce: none }   # by hand',
      '+          - snapshot: { quiesce: filesystem }   # by hand',
    ]);
    const more = changed({
      workflows: { backup: { schedule: '0 */2 * * *', steps: [...goldSteps(), { proxy: { to: 'vault' } }] } },
    });
    expect(difference(file, more)).toEqual(['+          - proxy: { to: vault }']);
  });

  it('changes lists word by word, and leaves the comments beside the words that stay', () => {
    const lines = `policies:
  gold:
    protect:
      names:
        - erp-db   # Anna's
        - &mail mail-01   # the old one
        - web-07   # Ben's
      except: [ *mail, x ]
    workflows: { backup: { every: 1d, steps: [ snapshot ] } }
`;
    const named = (names: readonly string[]): string =>
      setPolicyInText(lines, 'gold', {
        ...goldOf(lines),
        protect: { names: [...names], except: ['mail-01', 'x'] },
      });
    expect(difference(lines, named(['erp-db', 'mail-01', 'web-08']))).toEqual([
      "-        - web-07   # Ben's",
      '+        - web-08',
    ]);
    expect(() => named(['erp-db', 'web-07'])).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }));
    const free = lines.replace('&mail ', '').replace('*mail', 'mail-01');
    const turned = setPolicyInText(free, 'gold', {
      ...goldOf(free),
      protect: { names: ['web-07', 'erp-db'], except: ['mail-01', 'x'] },
    });
    expect(goldOf(turned).protect).toEqual({ names: ['web-07', 'erp-db'], except: ['mail-01', 'x'] });
  });

  it('puts back a workflow that stood before another behind it', () => {
    const two = changed({
      workflows: { early: { steps: ['snapshot'] }, ...(goldOf(file).workflows as Written) },
    });
    const back = setPolicyInText(two, 'gold', { ...goldOf(two), workflows: { early: { steps: ['snapshot'] } } });
    const again = setPolicyInText(back, 'gold', { ...goldOf(two), workflows: goldOf(file).workflows as Written });
    expect(Object.keys(goldOf(setPolicyInText(again, 'gold', goldOf(two))).workflows as Written).sort()).toEqual([
      'backup',
      'early',
    ]);
  });

  it('adds a workflow after the last, and a policy after the last, as the file is indented', () => {
    const workflows = {
      backup: { schedule: '0 */2 * * *', steps: goldSteps() },
      weekly: { schedule: 'Sun 02:00', steps: ['snapshot', { proxy: { to: 'vault' } }] },
    };
    expect(difference(file, changed({ workflows }))).toEqual([
      '+      weekly:',
      '+        schedule: Sun 02:00',
      '+          - snapshot',
      '+          - proxy: { to: vault }',
    ]);
    const added = setPolicyInText(file, 'bronze', {
      protect: { names: '*' },
      workflows: { b: { steps: ['snapshot'] } },
    });
    expect(added.startsWith(file.slice(0, file.indexOf('# The end.')))).toBe(true);
    expect(readPolicies(added, '/p').set.policies.map(({ name }) => name)).toEqual(['gold', 'silver', 'bronze']);
    expect(added.endsWith('# The end.\n')).toBe(true);
  });

  it('takes a policy away with its lines and no other', () => {
    const without = setPolicyInText(file, 'silver', undefined);
    expect(without).toBe(
      file
        .split('\n')
        .filter((_, index) => index < 19 || index > 21)
        .join('\n'),
    );
    expect(setPolicyInText(file, 'lead', undefined)).toBe(file);
  });

  it('goes on after the last policy was taken away, and in a file that is new', () => {
    let text = setPolicyInText('', 'gold', {
      protect: { names: '*' },
      workflows: { b: { every: '4h', steps: ['snapshot'] } },
    });
    expect(readPolicies(text, '/p').set.policies).toHaveLength(1);
    text = setPolicyInText(text, 'gold', undefined);
    expect(readPolicies(text, '/p').set.policies).toEqual([]);
    text = setPolicyInText(text, 'tin', { protect: { names: '*' }, workflows: { b: { steps: ['snapshot'] } } });
    expect(text.split('\n').slice(0, 3)).toEqual(['policies:', '  tin:', "    protect: { names: '*' }"]);
    expect(
      setPolicyInText('# Ours.\n', 'tin', { protect: { names: 'x' }, workflows: { b: { steps: ['snapshot'] } } }),
    ).toContain('# Ours.\npolicies:\n  tin:\n');
  });

  it('keeps the line ends of the file', () => {
    const windows = file.replaceAll('\n', '\r\n');
    const text = setPolicyInText(windows, 'gold', {
      ...goldOf(windows),
      title: 'Other',
      keep: { main: { daily: 14 }, vault: { last: 2 } },
    });
    expect(text.replaceAll('\r\n', '')).not.toContain('\n');
    expect(readPolicies(text, '/p').set.policies[0]).toMatchObject({ title: 'Other', keep: { vault: { last: 2 } } });
  });

  it('is refused, and nothing is changed, where an alias would change more than the policy', () => {
    const aliased = `zone: UTC\npolicies:\n  a:\n    protect: { names: x }\n    workflows: &w\n      b: { steps: [ snapshot ] }\n  c:\n    protect: { names: y }\n    workflows: *w\n`;
    const edit = (name: string) => () =>
      setPolicyInText(aliased, name, { ...writtenIn(aliased, name), workflows: { b: { steps: ['proxy'] } } });
    expect(edit('a')).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }));
    expect(edit('c')).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }));
    expect(setPolicyInText(aliased, 'a', { ...writtenIn(aliased, 'a'), title: 'Mine' })).toContain('title: Mine');
  });

  it('is refused before the text is touched when the policy is not valid', () => {
    expect(() => changed({ jitter: '5' })).toThrow(expect.objectContaining({ code: 'POLICY_INVALID' }));
    expect(() => changed({ protcet: {} })).toThrow(expect.objectContaining({ code: 'POLICY_INVALID' }));
  });
});

const goldSteps = (): Record<string, PlainValue>[] => [{ snapshot: { quiesce: 'none' } }, { proxy: { to: 'main' } }];

const word = fc.stringMatching(/^[a-z][a-z0-9*-]{0,6}$/);
const words = fc.uniqueArray(word, { minLength: 1, maxLength: 3 });
const duration = fc.constantFrom('15m', '4h', '1d', '1h30m');
const step = fc.oneof(
  word.filter((use) => !use.includes('*')),
  fc.record({ proxy: fc.record({ to: word, text: fc.string({ maxLength: 8 }) }) }),
);
const workflow: fc.Arbitrary<Written> = fc.record(
  {
    steps: fc.array(step, { minLength: 1, maxLength: 3 }),
    every: duration,
    window: fc.constantFrom('Mon-Fri 22:00-06:00', 'Sat-Sun 00:00-24:00'),
  },
  { requiredKeys: ['steps'] },
);
const name = fc
  .stringMatching(/^[a-z][a-z0-9-]{0,5}$/)
  .filter((text) => !['true', 'false', 'null', 'no', 'yes'].includes(text));
const policy: fc.Arbitrary<Written> = fc.record(
  {
    title: fc.string({ minLength: 1, maxLength: 12 }).map((text) => `x${text.replaceAll(/[\r\n\p{Cc}]/gu, '')}x`),
    protect: fc.record({ names: words, tags: words, except: words }, { requiredKeys: ['names'] }),
    objective: fc.record(
      { rpo: duration, rto: duration, change: fc.constantFrom('5%', '12.5%', 0.25) },
      { requiredKeys: ['rpo'] },
    ),
    jitter: duration,
    paused: fc.boolean(),
    catchUp: fc.boolean(),
    workflows: fc.dictionary(name, workflow, { minKeys: 1, maxKeys: 3, noNullPrototype: true }),
    keep: fc.dictionary(name, fc.record({ last: fc.nat(9), daily: fc.nat(9) }, { requiredKeys: ['last'] }), {
      minKeys: 1,
      maxKeys: 2,
      noNullPrototype: true,
    }),
  },
  { requiredKeys: ['protect', 'workflows'] },
) as fc.Arbitrary<Written>;

/** A text with these policies, each added as the program adds it, and a comment with a number behind or between lines as the numbers say. */
function commented(policies: Readonly<Record<string, Written>>, where: readonly number[]): string {
  let text = '# head\nzone: UTC\n';
  for (const [key, value] of Object.entries(policies)) text = setPolicyInText(text, key, value);
  const lines = text.trimEnd().split('\n');
  for (const [index, at] of where.entries()) {
    const line = at % lines.length;
    if (index % 2 === 0) lines[line] += `  # c${index}`;
    else lines.splice(line, 0, `${/^ */.exec(lines[line] ?? '')?.[0] ?? ''}# c${index}`);
  }
  return `${lines.join('\n')}\n`;
}

/** Workflows by name: in which order they stand says nothing, and one that is new stands behind the others. */
const unordered = (set: PolicySet): PolicySet => ({
  ...set,
  policies: set.policies.map((policy) => ({
    ...policy,
    workflows: policy.workflows.toSorted((a, b) => a.name.localeCompare(b.name)),
  })),
});

describe('any change of any file', () => {
  const files = fc.tuple(
    fc.dictionary(name, policy, { minKeys: 1, maxKeys: 4, noNullPrototype: true }),
    fc.array(fc.nat(60), { maxLength: 8 }),
    fc.nat(3),
    policy,
  );

  it('says exactly the change when it is read back, and each line of the other policies and between them survives', () => {
    fc.assert(
      fc.property(files, fc.boolean(), ([policies, where, which, value], isRemoved) => {
        const text = commented(policies, where);
        const before = readPolicies(text, '/p').set;
        const names = before.policies.map((one) => one.name);
        const target = names[which % names.length] ?? '';
        const after = setPolicyInText(text, target, isRemoved ? undefined : value);
        const alone = readPolicies(setPolicyInText('zone: UTC\n', target, value), '/p').set.policies;
        const expected = isRemoved
          ? before.policies.filter((one) => one.name !== target)
          : before.policies.map((one) => (one.name === target ? (alone[0] ?? one) : one));
        expect(unordered(readPolicies(after, '/p').set)).toEqual(unordered({ ...before, policies: expected }));
        if (isRemoved && names.length === 1) return;
        // All that stands before the policy's own line, and all from the next policy's line on, is there byte for byte.
        const begin = text.search(new RegExp(`^  ${target}:`, 'm'));
        expect(after.startsWith(text.slice(0, begin))).toBe(true);
        const next = names[names.indexOf(target) + 1];
        if (next !== undefined)
          expect(after.endsWith(text.slice(text.search(new RegExp(`^  ${next}:`, 'm'))))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('keeps every comment where a policy only gains', () => {
    fc.assert(
      fc.property(files, ([policies, where, which]) => {
        const text = commented(policies, where);
        const names = Object.keys(policies);
        const target = readPolicies(text, '/p').set.policies[which % names.length]?.name ?? '';
        const value = { ...writtenIn(text, target), windows: ['Sun 02:00-04:00', 'Mon 02:00-04:00'] };
        const after = setPolicyInText(text, target, value);
        const lines = after.split('\n');
        for (const line of text.split('\n')) expect(lines).toContain(line);
      }),
      { numRuns: 30 },
    );
  });

  it('writes a policy that was read so that it is read the same', () => {
    fc.assert(
      fc.property(policy, (value) => {
        const [read] = readPolicies(setPolicyInText('zone: UTC\n', 'a', value), '/p').set.policies;
        if (read === undefined) throw new Error('no policy');
        expect(readPolicies(setPolicyInText('zone: UTC\n', 'a', writtenPolicy(read)), '/p').set.policies).toEqual([
          read,
        ]);
      }),
    );
  });
});
