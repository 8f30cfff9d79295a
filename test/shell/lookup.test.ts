import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCall, type PointSummary } from '@holdfast/api';
import { describe, expect, it } from 'vitest';
import type { LoadedConfig } from '../../core/config/contract.ts';
import { defaultConfig } from '../../core/config/default-config.ts';
import { checkAnswer } from '../../core/shell/lookup/check-answer.ts';
import { byIdentity } from '../../core/shell/lookup/names.ts';
import { pointAt, pointsOfMachine } from '../../core/shell/lookup/points.ts';
import { chooseTarget } from '../../core/shell/lookup/targets.ts';
import { reserveWords } from '../../core/shell/setup/recovery-words.ts';
import { person, siteWith } from './site.ts';

const noon = new Date(2026, 10, 22, 12).getTime();
const hour = 3_600_000;

function point(id: string, takenAt: number, machineName = 'web-07', endpoint = 'lab'): PointSummary {
  return {
    target: 'main',
    point: id,
    machine: `id-${machineName}`,
    takenAt,
    machineName,
    endpoint,
    consistency: 'crash',
    disks: [],
    sizeBytes: 0,
    storedBytes: 0,
    committedAt: takenAt,
  };
}

const points = [
  point('aaaa1111', noon - hour),
  point('aaaa2222', noon - 3 * hour),
  point('bbbb3333', noon - 30 * hour),
];

describe('the restore point that someone means', () => {
  it.each([
    ['latest', 'aaaa1111'],
    ['aaaa2222', 'aaaa2222'],
    ['bbbb', 'bbbb3333'],
    ['10:00', 'aaaa2222'],
    ['yesterday', 'bbbb3333'],
    ['2026-11-22T09:30', 'aaaa2222'],
    ['2026-11-22', 'aaaa1111'],
  ])('by %s is %s', (wanted, id) => {
    expect(pointAt(points, wanted, noon).point).toBe(id);
  });

  it('is told to be ambiguous when several begin alike, and not found when it is older than all', () => {
    expect(() => pointAt(points, 'aaaa', noon)).toThrow(expect.objectContaining({ code: 'USAGE' }));
    expect(() => pointAt(points, '2020-01-01', noon)).toThrow(expect.objectContaining({ code: 'POINT_NOT_FOUND' }));
    expect(() => byIdentity('aa', points, (one) => one.point, 'restore point', 'POINT_NOT_FOUND')).toThrow(
      /no restore point/,
    );
  });

  it('belongs to a machine by every name that it had, and a name belongs to who has it now', () => {
    const renamed = { ...point('cccc', noon, 'store'), machine: 'id-web-07' };
    expect(pointsOfMachine('store', [renamed, ...points])).toHaveLength(4);
    expect(pointsOfMachine('web-07', [renamed, ...points])).toHaveLength(4);
    const heir = { ...point('eeee', noon), machine: 'id-heir' };
    expect(pointsOfMachine('web-07', [heir, renamed, ...points]).map((one) => one.point)).toEqual(['eeee']);
  });

  it('belongs to a machine by name, place and identity; the machine itself may be gone', () => {
    const all = [...points, point('cccc', noon, 'db', 'lab'), point('dddd', noon, 'db', 'other')];
    expect(pointsOfMachine('web-07', all)).toHaveLength(3);
    expect(pointsOfMachine('id-web-07', all)).toHaveLength(3);
    expect(pointsOfMachine('other/db', all).map((one) => one.point)).toEqual(['dddd']);
    expect(() => pointsOfMachine('db', all)).toThrow(expect.objectContaining({ code: 'MACHINE_AMBIGUOUS' }));
    expect(() => pointsOfMachine('web-7', all)).toThrow(
      expect.objectContaining({ remedy: expect.stringContaining('web-07') }),
    );
  });
});

describe('the target that someone means', () => {
  const loaded = (names: readonly string[]): LoadedConfig => {
    const base = defaultConfig();
    return {
      ...base,
      config: { ...base.config, targets: Object.fromEntries(names.map((name) => [name, { use: 'disk' }])) },
    };
  };
  const choose = (names: readonly string[], named: string | null, ask = null as ReturnType<typeof person> | null) =>
    chooseTarget(siteWith({ config: async () => loaded(names), ask }), named, '--to');

  it('is the only one there is', async () => {
    expect(await choose(['main'], null)).toBe('main');
  });

  it('is asked for, or named as missing, when there are several', async () => {
    expect(await choose(['main', 'second'], null, person(['second']))).toBe('second');
    await expect(choose(['main', 'second'], null)).rejects.toMatchObject({
      code: 'ANSWER_MISSING',
      remedy: expect.stringContaining('--to main'),
    });
  });

  it('must exist', async () => {
    await expect(choose(['main'], 'man')).rejects.toMatchObject({ code: 'TARGET_NOT_FOUND' });
    await expect(choose([], null)).rejects.toMatchObject({ code: 'NOT_INITIALISED' });
  });
});

describe('a check that finds damage', () => {
  it('shows object, restore point, disk and offset, and fails', () => {
    const report = {
      tier: 'full' as const,
      points: 2,
      packs: 3,
      chunks: 4,
      bytes: 5,
      durationMs: 6,
      damage: [
        {
          object: 'packs/ab/abcd',
          kind: 'damaged' as const,
          detail: 'record 3 fails its tag',
          concerns: [{ point: 'aaaa1111', disk: 'vda', offset: 4096, length: 65_536 }],
        },
      ],
    };
    const answer = checkAnswer('Repository on main', report, 'main');
    expect(answer.failure?.remedy).toContain('`holdfast repository repair main --dry-run`');
    expect(answer.failure?.code).toBe('REPOSITORY_DAMAGED');
    expect(JSON.stringify(answer.view)).toMatch(/packs\/ab\/abcd.*aaaa1111: vda at 4,096, 64 KiB/);
  });
});

describe('recovery words', () => {
  const words = Array.from({ length: 24 }, (_, at) => `word${at + 1}`).join(' ');

  it('are shown to a person, who types three of them back from paper', async () => {
    const shown: string[] = [];
    const call = makeCall({ log: (_level, text) => void shown.push(text) });
    const wrongFirst = { text: async () => 'wrong', confirm: async () => false };
    await expect(
      (await reserveWords(siteWith({ ask: wrongFirst }), null)).keep(words, 'main', call),
    ).rejects.toMatchObject({ code: 'RECOVERY_WORDS_WRONG' });
    const reader = { text: async (question: string) => `word${/\d+/.exec(question)?.[0]}`, confirm: async () => false };
    await (await reserveWords(siteWith({ ask: reader }), null)).keep(words, 'main', call);
    expect(shown.join('\n')).toContain('24 word24');
  });

  it('go into a file of their owner alone, which is never overwritten, and is taken away when no words came to be', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-words-'));
    try {
      const site = siteWith({ ask: null });
      const file = join(folder, 'words');
      const keeper = await reserveWords(site, file);
      await expect(reserveWords(site, file)).rejects.toMatchObject({ code: 'NAME_TAKEN' });
      await keeper.keep(words, 'main', makeCall());
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      expect(await readFile(file, 'utf8')).toContain(words);
      const unused = await reserveWords(site, join(folder, 'unused'));
      await unused.abandon();
      await expect(stat(join(folder, 'unused'))).rejects.toThrow('ENOENT');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
