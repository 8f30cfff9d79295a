import type { Notice, Opening } from '@holdfast/api';

export const noticeOf = (changes: Partial<Notice> = {}): Notice => ({
  id: 'rpo lab/web-07@1800000000000',
  at: 1_800_000_000_000,
  kind: 'rpo-missed',
  severity: 'warning',
  title: 'web-07: RPO missed by 3 h 12 min',
  text: 'the newest restore point of web-07 is 7 h 12 min old\nits policy gold promises 4 h',
  remedy: 'holdfast protect lab/web-07',
  from: 'site-lon',
  facts: { machine: 'web-07', policy: 'gold', ageMs: 25_920_000, isGone: false, run: null },
  ...changes,
});

export const openingOf = (
  settings: Readonly<Record<string, unknown>>,
  secrets: Readonly<Record<string, string>> = {},
): Opening => ({
  name: 'ops',
  settings: settings as Opening['settings'],
  secret: async (setting) => secrets[setting] ?? '',
});
