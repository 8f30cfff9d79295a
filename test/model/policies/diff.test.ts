import { expect, it } from 'vitest';
import { readPolicies } from '../../../core/config/policies/read.ts';
import { policyDiff } from '../../../core/model/policies/diff.ts';
import { filledTemplate, policyTemplates } from '../../../core/model/policies/templates.ts';

const gold = filledTemplate(policyTemplates[0] ?? { name: 'gold', title: '', text: '' }, {
  target: 'main',
  zone: 'UTC',
});
const read = (text: string) => {
  const [policy] = readPolicies(text, '/p.yaml').set.policies;
  if (policy === undefined) throw new Error('no policy');
  return policy;
};

it('a change of a policy is told field by field, and what stays is not told', () => {
  const changed = gold
    .replace('0 */2 * * *', '0 */4 * * *')
    .replace('rpo: 4h', 'rpo: 8h')
    .replace('jitter: 10m', 'paused: true')
    .replace('hourly: 24, daily: 14', 'daily: 30');
  expect(policyDiff(read(gold), read(changed))).toEqual([
    'rpo: 4h → 8h',
    'jitter: 10m is taken away',
    'paused: it runs nothing is added',
    'workflow backup: 0 */2 * * * → 0 */4 * * *',
    'keep on main: hourly 24, daily 14, weekly 8, monthly 12 → daily 30, weekly 8, monthly 12',
  ]);
  expect(policyDiff(read(gold), read(gold))).toEqual([]);
});

it('every template is a valid policy file, whatever a site puts into it', () => {
  for (const template of policyTemplates) {
    const text = filledTemplate(template, {
      target: 'vault',
      zone: 'Europe/London',
      endpoint: 'lab',
      name: 'mine',
      quiesce: 'none',
    });
    const { set } = readPolicies(text, '/p.yaml');
    expect(set.policies).toMatchObject([{ name: 'mine', protect: { endpoints: ['lab'], tags: [template.name] } }]);
    expect(Object.keys(set.policies[0]?.keep ?? {})).toEqual(['vault']);
    expect(text).not.toContain('$');
    expect(text).toContain('# ');
  }
});
