import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PolicyInvalid } from '../../../core/config/policies/problem.ts';
import { readPolicies, refusePolicies } from '../../../core/config/policies/read.ts';

/** What is wrong with a text: line, column, key and message of each problem. */
function problems(text: string): readonly string[] {
  try {
    readPolicies(text, '/p.yaml');
    return [];
  } catch (problem) {
    if (!(problem instanceof PolicyInvalid)) throw problem;
    return problem.problems.map(({ line, column, key, message }) => `${line}:${column} ${key}: ${message}`);
  }
}

const workflows = 'workflows: { b: { schedule: daily 02:00, steps: [ snapshot ] } }';

describe('a policy file', () => {
  it('is read as its page describes it', () => {
    const page = readFileSync(new URL('../../../docs/formats/policies.md', import.meta.url), 'utf8');
    const [, example = ''] = /```yaml\n(.*?)```/s.exec(page) ?? [];
    const { set } = readPolicies(example, '/p.yaml');
    expect(set.zone).toBe('Europe/London');
    expect(set.blackouts).toMatchObject([
      { kind: 'once', from: Date.UTC(2026, 11, 24, 18), to: Date.UTC(2026, 11, 27, 6), why: 'Christmas' },
      { kind: 'weekly', window: { days: [0], fromMinute: 180, toMinute: 240 }, why: 'storage maintenance' },
    ]);
    expect(set.policies).toMatchObject([
      {
        name: 'gold',
        title: 'Databases of the shop',
        protect: { endpoints: ['vcenter-lon'], names: [], tags: ['gold'], folders: [], except: ['scratch-*'] },
        objective: { rpoMs: 14_400_000, rtoMs: 3_600_000, changePerDay: 0.05 },
        windows: [{ days: [1, 2, 3, 4, 5], fromMinute: 1_200, toMinute: 360 }],
        jitterMs: 600_000,
        catchUp: true,
        isPaused: false,
        workflows: [
          {
            name: 'backup',
            when: { kind: 'calendar', cron: '0 */2 * * *' },
            windows: null,
            steps: [
              { use: 'snapshot', settings: { quiesce: 'application' } },
              { use: 'proxy', settings: { to: 'disk-main' } },
            ],
          },
          { name: 'weekly', windows: [{ days: [0, 6] }], steps: [{ use: 'snapshot', settings: {} }, { use: 'proxy' }] },
        ],
        keep: { 'disk-main': { hourly: 24, daily: 14, weekly: 8, monthly: 12 }, vault: { weekly: 13, yearly: 7 } },
      },
    ]);
  });

  it('may say little: one word in the place of a list, no schedule, no retention', () => {
    const { set } = readPolicies(
      `zone: UTC\npolicies: { a: { protect: { names: web }, workflows: { b: { steps: [ snapshot ] } } } }`,
      '/p.yaml',
    );
    expect(set.policies).toMatchObject([
      {
        protect: { names: ['web'] },
        objective: { rpoMs: null, changePerDay: 0.05 },
        keep: {},
        workflows: [{ when: { kind: 'asked' } }],
      },
    ]);
    expect(readPolicies('', '/p.yaml').set.policies).toEqual([]);
    expect(readPolicies('# nothing yet\npolicies:\n', '/p.yaml').set.policies).toEqual([]);
  });

  it('tells all that is wrong with it at once, each thing with line and column and the nearest known key', () => {
    expect(
      problems(
        `zone: Nowhere\npolicys: {}\npolicies:\n  A: {}\n  b:\n    protect: { nams: x }\n    jitter: 5\n    objective: { rpo: 4 }\n    workflows:\n      x: { schedule: 99 * * * *, steps: [] }\n`,
      ),
    ).toEqual([
      '1:7 zone: there is no such time zone: give it by its IANA name, for example Europe/London',
      '2:1 policys: unknown key "policys", the nearest one is "policies"',
      '4:3 policies.A: a name is made of a–z, 0–9 and "-", begins with a letter or digit and has at most 63 characters',
      "6:14 policies.b.protect: says nothing: `protect: { names: '*' }` is every machine",
      '6:16 policies.b.protect.nams: unknown key "nams", the nearest one is "names"',
      '7:13 policies.b.jitter: a duration has a unit: 90s, 15m, 4h, 1d, 2w',
      '8:23 policies.b.objective.rpo: a duration has a unit: 90s, 15m, 4h, 1d, 2w',
      expect.stringContaining('10:22 policies.b.workflows.x.schedule: '),
      expect.stringContaining('10:41 policies.b.workflows.x.steps: must be a list of steps'),
    ]);
  });

  it('refuses what could mean two things', () => {
    const one = (more: string): readonly string[] =>
      problems(`policies:\n  a:\n    protect: { names: x }\n    ${workflows}\n    ${more}\n`);
    expect(one("window: 'Mon-Fri 22:00-06:00'\n    windows: [ 'Sat-Sun 00:00-24:00' ]")[0]).toContain(
      'stands beside `window`',
    );
    expect(one('paused: yes')[0]).toContain('must be true or false, and is text');
    expect(one('keep: { main: { daily: 1.5 } }')[0]).toContain('must be a whole number');
    expect(one('keep: { main: { dayly: 1 } }')[0]).toContain('the nearest one is "daily"');
    expect(one('title: 7')[0]).toContain('put it in quotes');
    expect(one('objective: { change: 120% }')[0]).toContain('must be a share');
    expect(one('jitter: 2d')[0]).toContain('at most 1d');
    expect(problems(`policies:\n  a:\n    protect: { names: [ 007 ] }\n    ${workflows}`)[0]).toContain(
      'put it in quotes',
    );
    expect(problems(`policies:\n  a:\n    protect: { names: [] }\n    ${workflows}`)[0]).toContain('is an empty list');
    expect(
      problems(
        `policies:\n  a:\n    protect: { names: x }\n    workflows: { b: { schedule: hourly, every: 1h, steps: [ s ] } }`,
      )[0],
    ).toContain('stands beside `schedule`');
    expect(
      problems(
        `policies:\n  a:\n    protect: { names: x }\n    workflows: { b: { steps: [ { snapshot: {}, proxy: {} } ] } }`,
      )[0],
    ).toContain('several techniques');
    expect(problems(`blackouts: [ { from: 2026-12-25, to: 2026-12-24 } ]`)[0]).toContain('ends before it begins');
    expect(problems(`blackouts: [ { from: 2026-12-25 } ]`)[0]).toContain('needs `from` and `to`');
  });

  it('reads aliases and refuses merge keys, keys that stand twice and those that reach prototypes', () => {
    const { set } = readPolicies(
      `zone: UTC\npolicies:\n  a:\n    protect: { names: x }\n    workflows: &w { b: { steps: [ snapshot ] } }\n  c:\n    protect: { names: y }\n    workflows: *w\n`,
      '/p.yaml',
    );
    expect(set.policies[1]?.workflows).toEqual(set.policies[0]?.workflows);
    expect(
      problems(`x: &x {}\npolicies:\n  a:\n    <<: *x\n    protect: { names: x }\n    ${workflows}\n`).join(),
    ).toContain('merge keys are not read');
    expect(problems('policies: {}\npolicies: {}\n')[0]).toContain('stands twice');
    expect(problems('policies:\n  __proto__: {}\n')[0]).toContain('may not be a key');
  });

  it('is refused when it is too large in any way, before much is done', () => {
    const many = (count: number, of: (index: number) => string): string =>
      Array.from({ length: count }, (_, index) => of(index)).join('');
    expect(problems('a'.repeat(1024 * 1024 + 1))[0]).toContain('larger than');
    expect(problems(`policies: ${'['.repeat(40)}`)[0]).toContain('brackets in each other');
    expect(problems(']'.repeat(500_000))[0]).toContain('words and signs');
    expect(problems(`policies:\n${many(1_001, (index) => `  p${index}: {}\n`)}`)[0]).toContain('at most 1000 are read');
    const steps = `[ ${many(65, () => 's, ')} ]`;
    expect(
      problems(`policies:\n  a:\n    protect: { names: x }\n    workflows: { b: { steps: ${steps} } }`)[0],
    ).toContain('at most 64');
    const flows = many(21, (index) => `      w${index}: { steps: [ s ] }\n`);
    expect(problems(`policies:\n  a:\n    protect: { names: x }\n    workflows:\n${flows}`)[0]).toContain('at most 20');
    // Each list names the one before ten times: a billion words at the end.
    const bombs = many(
      9,
      (index) =>
        `b${index + 1}: &b${index + 1} [${Array.from({ length: 10 }, () => (index === 0 ? 'x' : `*b${index}`)).join(', ')}]\n`,
    );
    expect(problems(bombs).join()).toContain('aliases counted each time');
  });

  it('gives what is found wrong later its line and column too', () => {
    const text = `zone: UTC\npolicies:\n  a:\n    protect: { names: x }\n    ${workflows}\n    keep:\n      mian: { daily: 1 }\n`;
    const refused = refusePolicies({ text, source: '/p.yaml' }, [
      { path: ['policies', 'a', 'keep', 'mian'], message: 'no target is called mian', nearest: 'main' },
      { path: ['policies', 'a', 'workflows', 'b', 'steps', '0'], message: 'no such step' },
    ]);
    expect(refused.problems.map(({ line, column }) => [line, column])).toEqual([
      [7, 7],
      [5, 55],
    ]);
    expect(refused).toMatchObject({ code: 'POLICY_INVALID', facts: { problems: 2, line: 7, nearest: 'main' } });
  });
});
