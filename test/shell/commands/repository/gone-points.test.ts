import { type CommandResult, HoldfastError, makeCall, type PointSummary } from '@holdfast/api';
import { expect, test } from 'vitest';
import type { Catalog } from '../../../../core/catalog/contract.ts';
import { defaultConfig } from '../../../../core/config/default-config.ts';
import type { CheckReport, Repository } from '../../../../core/repository/contract.ts';
import { executeCommand } from '../../../../core/shell/registry/execute.ts';
import { commandNamed } from '../../real-site.ts';
import { siteWith } from '../../site.ts';

const pointAt = (point: string, committedAt: number): PointSummary =>
  ({ point, endpoint: 'lab', machine: 'm1', machineName: 'web01', committedAt }) as unknown as PointSummary;

const whole: CheckReport = { tier: 'fast', points: 1, packs: 1, chunks: 1, bytes: 1, damage: [], durationMs: 1 };

/** A catalog that has seen some points, and a repository that is whole as far as it knows, with some of them. */
function run(id: string, seen: readonly PointSummary[], there: readonly PointSummary[]): Promise<CommandResult> {
  const repository = {
    warm() {},
    check: async () => whole,
    planRepair: async () => ({ damage: [], acts: [] }),
    points: async () => there,
    open: async (point: string) => {
      if (there.every((one) => one.point !== point)) throw new HoldfastError('POINT_NOT_FOUND', 'it is not there');
    },
  } as unknown as Repository;
  const site = siteWith({
    ask: null,
    config: async () => ({
      ...defaultConfig(),
      config: { ...defaultConfig().config, targets: { main: { use: 'disk', path: '/srv/main' } } },
    }),
    repository: async () => repository,
    catalog: async () => ({ points: async () => seen }) as unknown as Catalog,
    folders: { data: '/nonexistent' } as never,
  });
  return executeCommand(site, commandNamed(id), id === 'repository.repair' ? { dryRun: true } : {}, makeCall());
}

test('a restore point that was seen here and whose commit is gone is missed, although the repository is whole without it', async () => {
  const seen = [pointAt('aa'.repeat(16), 1000), pointAt('bb'.repeat(16), 2000)];
  const checked = await run('repository.check', seen, seen.slice(0, 1));
  expect(checked.failure).toMatchObject({ code: 'REPOSITORY_DAMAGED' });
  expect(checked.data).toMatchObject({ damage: [{ object: `commits/${'bb'.repeat(16)}`, kind: 'missing' }] });
  const planned = await run('repository.repair', seen, seen.slice(0, 1));
  expect(planned.data).toMatchObject({
    plan: { acts: [{ act: 'none', detail: expect.stringContaining('holdfast repository accept main') }] },
  });
});

test('an older one that somebody may have forgotten elsewhere is not missed', async () => {
  const seen = [pointAt('aa'.repeat(16), 1000), pointAt('bb'.repeat(16), 2000)];
  const checked = await run('repository.check', seen, seen.slice(1));
  expect(checked.failure).toBeUndefined();
});
