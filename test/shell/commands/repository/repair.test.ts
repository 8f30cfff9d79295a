import { type CommandResult, makeCall, type Plain } from '@holdfast/api';
import { expect, test } from 'vitest';
import type { Catalog } from '../../../../core/catalog/contract.ts';
import { defaultConfig } from '../../../../core/config/default-config.ts';
import type { Repository } from '../../../../core/repository/contract.ts';
import type { Damage } from '../../../../core/repository/damage.ts';
import type { RepairAct, RepairPlan, RepairReport } from '../../../../core/repository/repair/contract.ts';
import { executeCommand } from '../../../../core/shell/registry/execute.ts';
import { renderView } from '../../../../core/shell/render/view.ts';
import { commandNamed } from '../../real-site.ts';
import { siteWith } from '../../site.ts';

const act = (object: string, what: RepairAct['act']): RepairAct => ({ object, act: what, detail: `about ${object}` });
const damage = (object: string, points: readonly string[] = []): Damage => ({
  object,
  kind: 'damaged',
  detail: 'its tag is wrong',
  concerns: points.map((point) => ({ point, disk: 'vda', offset: 0, length: 4096 })),
});

const mendable: RepairPlan = {
  damage: [damage('index/aa'), damage('packs/bb', ['p1', 'p2'])],
  acts: [act('index/aa', 'rebuild'), act('packs/bb', 'salvage')],
};
const hopeless: RepairPlan = { damage: [damage('manifests/m/cc', ['p3'])], acts: [act('manifests/m/cc', 'none')] };

function siteThat(plan: RepairPlan, done: Partial<RepairReport> = {}) {
  const calls: string[] = [];
  const repository = {
    planRepair: async (tier: string) => {
      calls.push(`plan ${tier}`);
      return plan;
    },
    repair: async (given: RepairPlan) => {
      calls.push('repair');
      return {
        plan: given,
        done: plan.acts.filter((one) => one.act !== 'none'),
        lostChunks: 0,
        durationMs: 1,
        ...done,
      };
    },
  } as unknown as Repository;
  const targets = { main: { use: 'disk', path: '/srv/main' } };
  const site = siteWith({
    ask: null,
    config: async () => ({ ...defaultConfig(), config: { ...defaultConfig().config, targets } }),
    repository: async () => repository,
    catalog: async () => ({ points: async () => [] }) as unknown as Catalog,
  });
  const run = (args: Record<string, Plain> = {}): Promise<CommandResult> =>
    executeCommand(site, commandNamed('repository.repair'), args, makeCall());
  return { calls, run };
}

const shown = ({ view }: CommandResult): string => renderView(view, { colour: false, columns: 140, now: 0 }).join('\n');

test('a dry run shows what would be done about each object, and the points, disks and offsets concerned', async () => {
  const { calls, run } = siteThat(mendable);
  const answer = await run({ dryRun: true, full: true });
  expect(calls).toEqual(['plan full']);
  expect(answer.failure).toBeUndefined();
  expect(shown(answer)).toMatch(/index\/aa .*would be made anew/);
  expect(shown(answer)).toMatch(/packs\/bb .*would be salvaged/);
  expect(shown(answer)).toContain('p1: vda at 0');
});

test('what was mended altogether ends well', async () => {
  const { calls, run } = siteThat(mendable);
  const answer = await run({ yes: true });
  expect(calls).toEqual(['plan fast', 'repair']);
  expect(answer.failure).toBeUndefined();
  expect(shown(answer)).toMatch(/State .*mended/);
});

test('chunks that stay lost make it fail, and the next run of their machines is what to do', async () => {
  const answer = await siteThat(mendable, { lostChunks: 3 }).run({ yes: true });
  expect(answer.failure).toMatchObject({ code: 'REPOSITORY_DAMAGED', remedy: expect.stringContaining('protect') });
  expect(answer.failure?.message).toContain('2 restore points');
});

test('an act that was planned and not done makes it fail', async () => {
  const answer = await siteThat(mendable, { done: [act('index/aa', 'rebuild')] }).run({ yes: true });
  expect(answer.failure?.code).toBe('REPOSITORY_DAMAGED');
  expect(shown(answer)).toMatch(/packs\/bb .*stays damaged/);
});

test('damage that nothing mends here fails without touching anything', async () => {
  const { calls, run } = siteThat(hopeless);
  const answer = await run({ yes: true });
  expect(calls).toEqual(['plan fast']);
  expect(answer.failure?.code).toBe('REPOSITORY_DAMAGED');
});

test('where everything is whole nothing is done, and nobody is asked', async () => {
  const { calls, run } = siteThat({ damage: [], acts: [] });
  const answer = await run();
  expect(calls).toEqual(['plan fast']);
  expect(answer.failure).toBeUndefined();
  expect(shown(answer)).toContain('nothing to mend');
});

test('without a terminal and without a word beforehand nothing is mended', async () => {
  const { calls, run } = siteThat(mendable);
  await expect(run()).rejects.toMatchObject({ code: 'CONFIRMATION_MISSING' });
  expect(calls).toEqual(['plan fast']);
});
