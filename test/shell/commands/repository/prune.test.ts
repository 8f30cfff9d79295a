import { type CommandResult, HoldfastError, makeCall, type Plain } from '@holdfast/api';
import { expect, test } from 'vitest';
import { defaultConfig } from '../../../../core/config/default-config.ts';
import type { Engine } from '../../../../core/engine/contract.ts';
import type { CollectOptions, CollectReport } from '../../../../core/repository/collect/contract.ts';
import type { Site } from '../../../../core/shell/contract.ts';
import { executeCommand } from '../../../../core/shell/registry/execute.ts';
import { renderView } from '../../../../core/shell/render/view.ts';
import { commandNamed } from '../../real-site.ts';
import { person, siteWith } from '../../site.ts';

const pack = (name: string, sizeBytes: number, liveBytes: number, fate: 'swept' | 'condemned' | 'repacked') => ({
  object: `packs/${name}`,
  sizeBytes,
  liveBytes,
  fate,
});

const report: CollectReport = {
  isDryRun: false,
  packs: 12,
  storedBytes: 400_000_000,
  decided: [
    pack('aa', 32_000_000, 0, 'swept'),
    pack('bb', 30_000_000, 9_000_000, 'repacked'),
    pack('cc', 8_000_000, 0, 'condemned'),
  ],
  sweptPacks: 1,
  sweptBytes: 32_000_000,
  condemnedPacks: 2,
  condemnedBytes: 38_000_000,
  repackedPacks: 1,
  movedBytes: 9_000_000,
  forgotten: ['0badcafe'.repeat(4)],
  sweptObjects: 4,
  fenced: ['feedbeef'.repeat(4)],
  awaited: [{ lease: 'abcdef01'.repeat(4), purpose: 'backup', host: 'h\u001b[31mone', pid: 12_345, aliveAt: 0 }],
  durationMs: 1_500,
};
const empty: CollectReport = {
  ...report,
  decided: [],
  sweptPacks: 0,
  sweptBytes: 0,
  condemnedPacks: 0,
  condemnedBytes: 0,
  repackedPacks: 0,
  movedBytes: 0,
  forgotten: [],
  sweptObjects: 0,
  fenced: [],
  awaited: [],
};

function siteThat(answer: CollectReport | HoldfastError, ask: Site['ask'] = null) {
  const asked: CollectOptions[] = [];
  const collect = async (_target: string, options: CollectOptions) => {
    const { decided, ...plain } = options;
    asked.push(plain);
    if (answer instanceof HoldfastError) throw answer;
    decided?.({ ...answer, isDryRun: true });
    return { ...answer, isDryRun: options.dryRun === true };
  };
  const { config } = defaultConfig();
  const targets = { main: { use: 'disk', path: '/srv/main' } };
  const site = siteWith({
    ask,
    config: async () => ({ ...defaultConfig(), config: { ...config, targets } }),
    engine: async () => ({ repositories: { collect } }) as unknown as Engine,
  });
  const lines: string[] = [];
  const call = makeCall({ log: (_level, text) => lines.push(text) });
  const run = (args: Record<string, Plain> = {}): Promise<CommandResult> =>
    executeCommand(site, commandNamed('repository.prune'), args, call);
  return { asked, run, lines };
}

const shown = ({ view }: CommandResult): string => renderView(view, { colour: false, columns: 120, now: 0 }).join('\n');

test('a dry run lists what would go, with sums, who is waited for and who is fenced, and changes nothing', async () => {
  const { asked, run } = siteThat(report);
  const answer = await run({ dryRun: true });
  expect(asked).toEqual([{ bytesPerSecond: null, waitMs: 0, dryRun: true }]);
  const text = shown(answer);
  expect(text).toMatch(/Would give back on main/);
  expect(text).toMatch(/packs\/bb .*repacked .*28.6 MiB .*30 %/);
  expect(text).toMatch(/abcdef01 .*backup .*12345/);
  expect(text).toContain('feedbeef');
  expect(text).not.toContain('\u001b');
  expect(answer.data).toMatchObject({ dryRun: true, target: 'main', sweptBytes: 32_000_000 });
});

test('a person sees the list before the question, and no leaves everything as it is', async () => {
  const someone = person(['n']);
  const { asked, run, lines } = siteThat(report, someone);
  await expect(run()).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(lines.join('\n')).toContain('packs/bb: 28.6 MiB, 30 % of it needed, that is written anew, then it goes');
  expect(lines.join('\n')).toContain('what is left of forgotten restore points goes: 0badcafe');
  expect(someone.asked).toEqual([
    'This removes 3 packs (66.8 MiB) that no restore point needs, writes 8.58 MiB of 1 pack anew to do so, removes what is left of 1 forgotten restore point, removes 4 other objects of work that is over, on main. Go on?',
  ]);
  expect(asked.map(({ dryRun }) => dryRun)).toEqual([true]);
});

test('what was agreed to beforehand is done at once, with what was asked for, and what goes is listed', async () => {
  const { asked, run, lines } = siteThat(report);
  const answer = await run({ yes: true, repackBelow: '30%', limit: '20MB', wait: '10m' });
  expect(asked).toEqual([{ repackBelow: 0.3, bytesPerSecond: 20_000_000, waitMs: 600_000 }]);
  // Once, as it was found, and without looking at everything twice.
  expect(lines.filter((line) => line.startsWith('packs/aa'))).toEqual(['packs/aa: 30.5 MiB, 0 % of it needed, goes']);
  expect(shown(answer)).toMatch(/Gave back on main/);
  expect(answer.failure).toBeUndefined();
});

test('where nothing is to be given back nobody is asked', async () => {
  const { asked, run } = siteThat(empty, person([]));
  expect(shown(await run())).toMatch(/Removed .*nothing|Would be removed .*nothing/);
  expect(asked).toHaveLength(1);
});

test('without a terminal and without a word beforehand nothing is removed', async () => {
  const { asked, run } = siteThat(report);
  await expect(run()).rejects.toMatchObject({ code: 'CONFIRMATION_MISSING' });
  expect(asked.every(({ dryRun }) => dryRun === true)).toBe(true);
});

test('another collection that is alive is told as such', async () => {
  const { run } = siteThat(new HoldfastError('COLLECTION_BUSY', 'another collection is alive'));
  await expect(run({ yes: true })).rejects.toMatchObject({ code: 'COLLECTION_BUSY' });
});

test('an amount that cannot be meant is refused before the repository is looked at', async () => {
  const { asked, run } = siteThat(report);
  await expect(run({ yes: true, limit: 'fast' })).rejects.toMatchObject({ code: 'USAGE' });
  expect(asked).toEqual([]);
});
