import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Policy, PolicySet, Selectable } from '../../../core/model/policies/contract.ts';
import { decideByRules, ExpiryForecast, type RetentionRule, rulesFor } from '../../../core/model/policies/retention.ts';
import { decideRetention } from '../../../core/model/retention/decide.ts';
import type { KeepCounts } from '../../../core/model/retention/keep.ts';

const policy = (name: string, keep: Policy['keep'], more: Partial<Policy> = {}): Policy => ({
  name,
  title: null,
  protect: { endpoints: [], names: ['*'], tags: [], folders: [], except: [] },
  objective: { rpoMs: null, rtoMs: null, changePerDay: 0.05 },
  windows: [],
  jitterMs: 0,
  catchUp: true,
  isPaused: false,
  workflows: [],
  keep,
  ...more,
});
const set = (...policies: readonly Policy[]): PolicySet => ({ zone: 'UTC', blackouts: [], policies });
const machine: Selectable = { endpoint: 'lab', machine: { id: '1', name: 'web', tags: [], place: '' } };
const configured = { main: { daily: 7 } };

describe('what keeps a restore point', () => {
  it('are the policies that protect its machine and name its target, and not the configuration', () => {
    const found = rulesFor(
      set(policy('a', { main: { last: 1 } }), policy('b', { main: { daily: 3 } })),
      configured,
      machine,
      'main',
    );
    expect(found).toEqual([
      { by: 'policy a', keep: { last: 1 } },
      { by: 'policy b', keep: { daily: 3 } },
    ]);
  });

  it('is the configuration where no policy that protects the machine names the target', () => {
    const other = policy(
      'a',
      { main: { last: 1 } },
      { protect: { endpoints: [], names: ['db-*'], tags: [], folders: [], except: [] } },
    );
    expect(rulesFor(set(other, policy('b', { vault: { last: 1 } })), configured, machine, 'main')).toEqual([
      { by: 'the configuration', keep: { daily: 7 } },
    ]);
    expect(rulesFor(null, configured, machine, 'main')).toHaveLength(1);
    expect(rulesFor(null, configured, machine, 'vault')).toEqual([]);
  });

  it('is none of a machine that nothing is known of, where a policy could have meant it', () => {
    expect(rulesFor(set(policy('a', { main: { last: 1 } })), configured, null, 'main')).toEqual([]);
    expect(rulesFor(set(policy('a', { vault: { last: 1 } })), configured, null, 'main')).toEqual([
      { by: 'the configuration', keep: { daily: 7 } },
    ]);
  });

  it('is the policy whose run asks, although the machine is not selected any more', () => {
    const other = { protect: { endpoints: [], names: ['db-*'], tags: [], folders: [], except: [] } };
    const policies = set(policy('a', { main: { last: 1 } }, other), policy('b', { main: { last: 2 } }, other));
    expect(rulesFor(policies, configured, machine, 'main', 'a')).toEqual([{ by: 'policy a', keep: { last: 1 } }]);
    expect(rulesFor(policies, configured, machine, 'vault', 'a')).toEqual([]);
    expect(rulesFor(policies, configured, machine, 'main', 'gone')).toEqual([
      { by: 'the configuration', keep: { daily: 7 } },
    ]);
  });

  it('are paused policies too', () => {
    expect(rulesFor(set(policy('a', { main: { last: 9 } }, { isPaused: true })), configured, machine, 'main')).toEqual([
      { by: 'policy a', keep: { last: 9 } },
    ]);
  });
});

const keepCounts: fc.Arbitrary<KeepCounts> = fc.record(
  { last: fc.nat(4), hourly: fc.nat(6), daily: fc.nat(6), weekly: fc.nat(4), monthly: fc.nat(3) },
  { requiredKeys: [] },
);
const rulesArbitrary: fc.Arbitrary<readonly RetentionRule[]> = fc.array(
  keepCounts.map((keep) => ({ by: 'x', keep })),
  { maxLength: 4 },
);
const now = Date.UTC(2026, 10, 22, 12);
const pointsArbitrary = fc
  .uniqueArray(fc.integer({ min: 0, max: 90 * 24 * 4 }), { maxLength: 40 })
  .map((quarters) => quarters.map((quarter) => ({ point: String(quarter), takenAt: now - quarter * 900_000 })));
const zones = fc.constantFrom('UTC', 'Europe/London', 'Asia/Kathmandu', 'America/St_Johns');

describe('several rules at once', () => {
  it('keep what any of them keeps, and expire the rest', () => {
    fc.assert(
      fc.property(pointsArbitrary, rulesArbitrary, zones, (points, rules, zone) => {
        const decided = decideByRules(points, rules, now, zone);
        const byEach = rules.map(({ keep }) => new Set(decideRetention(points, keep, now, zone).expire));
        const gone = points.filter((point) => rules.length > 0 && byEach.every((expired) => expired.has(point)));
        expect(new Set(decided.expire)).toEqual(new Set(gone));
        expect(decided.keep.length + decided.expire.length).toBe(points.length);
      }),
    );
  });

  it('are foretold as they are decided', () => {
    fc.assert(
      fc.property(pointsArbitrary, rulesArbitrary, zones, (points, rules, zone) => {
        const newestFirst = points.toSorted((a, b) => b.takenAt - a.takenAt);
        expect(new Set(new ExpiryForecast(zone).expires(newestFirst, rules))).toEqual(
          new Set(decideByRules(points, rules, now, zone).expire),
        );
      }),
    );
  });

  it('never expire the newest point of a machine', () => {
    fc.assert(
      fc.property(
        pointsArbitrary.filter(({ length }) => length > 0),
        rulesArbitrary,
        (points, rules) => {
          const newest = points.toSorted((a, b) => b.takenAt - a.takenAt)[0];
          expect(decideByRules(points, rules, now, 'UTC').expire).not.toContain(newest);
        },
      ),
    );
  });
});
