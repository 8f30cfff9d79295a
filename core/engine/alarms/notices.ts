import { hostname } from 'node:os';
import type { Notice, Plain } from '@holdfast/api';
import type { AlarmRow, QueuedNotice } from '../../catalog/contract.ts';
import type { Config, Instance } from '../../config/contract.ts';
import { safeText } from '../../model/text/safe-text.ts';
import { bounds, type FoundAlarm, safeLines } from './found.ts';
import type { OverAlarm } from './why-over.ts';

/** So many of a kind at one look are told one by one; more are told as one. */
export const mostToldAlone = 20;

/** What core tells a notifier of when its settings do not say. */
const told: readonly string[] = ['run-failed', 'run-missed', 'rpo-missed', 'schedule', 'cleared'];

const kindWords: Readonly<Partial<Record<Notice['kind'], string>>> = {
  'run-failed': 'runs failed',
  'run-missed': 'runs were missed',
  'rpo-missed': 'machines have missed their RPO',
  schedule: 'schedules need somebody',
};

/** Names of the notifiers that are told of a kind. */
export function listeners(notifiers: Config['notifiers'], ...kinds: readonly Notice['kind'][]): readonly string[] {
  return Object.entries(notifiers ?? {})
    .filter(([, { tell }]) => kinds.every((kind) => (Array.isArray(tell) ? tell : told).includes(kind)))
    .map(([name]) => name);
}

/** Name of this installation for those who hear of it. */
export const ownName = (): string => safeText(hostname() || 'holdfast', 100);

const plain = (notice: Notice): Plain => ({ ...notice, facts: { ...notice.facts } });

/** A notice for each of these notifiers. */
export function queued(notice: Notice, notifiers: readonly string[], at: number): readonly QueuedNotice[] {
  return notifiers.map((notifier) => ({ id: notice.id, notifier, notice: plain(notice), at }));
}

const noticeOf = (alarm: FoundAlarm, now: number): Notice => ({
  id: `${alarm.key}@${now}`,
  at: alarm.since,
  kind: alarm.kind,
  severity: alarm.severity,
  title: alarm.title,
  text: alarm.text,
  remedy: alarm.remedy,
  from: ownName(),
  facts: { alarm: alarm.key, ...alarm.facts },
});

const overWords = (alarm: OverAlarm): string => (alarm.because === null ? 'in order again' : 'over');

const clearedNotice = (alarm: OverAlarm, now: number): Notice => ({
  id: `cleared ${alarm.key}@${now}`,
  at: now,
  kind: 'cleared',
  severity: 'info',
  title: safeText(`${overWords(alarm)}: ${alarm.title}`, bounds.title),
  text: safeLines([
    alarm.because === null
      ? `This was not as it should be since ${new Date(alarm.since).toISOString()}, and is now.`
      : `This was not as it should be since ${new Date(alarm.since).toISOString()}, and is not looked after any more: ${alarm.because}.`,
    alarm.text,
  ]),
  remedy: null,
  from: ownName(),
  facts: { alarm: alarm.key, since: alarm.since },
});

/** One notice in the place of many of a kind: it lists them. */
function stormNotice(
  kind: Notice['kind'],
  of: Notice['kind'],
  alarms: readonly (FoundAlarm | OverAlarm)[],
  now: number,
): Notice {
  const isWell = alarms.every((alarm) => !('because' in alarm) || alarm.because === null);
  const words = kindWords[of] ?? 'things need somebody';
  const title =
    kind === 'cleared'
      ? `${isWell ? 'in order again' : 'over'}: ${alarms.length} times: ${words}`
      : `${alarms.length} ${words}`;
  return {
    id: `storm ${kind} ${of}@${now}`,
    at: now,
    kind,
    severity: kind === 'cleared' ? 'info' : 'critical',
    title: safeText(title, bounds.title),
    text: safeLines(
      alarms.map((alarm) =>
        'because' in alarm && alarm.because !== null ? `${alarm.title} (${alarm.because})` : alarm.title,
      ),
    ),
    remedy: 'holdfast alarm list',
    from: ownName(),
    facts: { count: alarms.length, of },
  };
}

/** What to write into the catalog for what a look has found: each change with what is told of it. */
export function changesOf(
  found: readonly FoundAlarm[],
  up: readonly AlarmRow[],
  cleared: readonly OverAlarm[],
  notifiers: Config['notifiers'],
  now: number,
) {
  const isUp = new Set(up.map(({ key }) => key));
  const fresh = found.filter(({ key }) => !isUp.has(key));
  const alone = byKind(fresh);
  const clearedOf = byKind(cleared);
  const raise = found.map((alarm) => ({ ...alarm, facts: { ...alarm.facts }, notices: raisedNotices(alarm) }));
  const clear = cleared.map((alarm) => ({ key: alarm.key, at: now, notices: clearedNotices(alarm) }));
  return { raise, clear };

  function raisedNotices(alarm: FoundAlarm): readonly QueuedNotice[] {
    if (isUp.has(alarm.key)) return [];
    const kin = alone.get(alarm.kind) ?? [];
    const to = listeners(notifiers, alarm.kind);
    if (kin.length <= mostToldAlone) return queued(noticeOf(alarm, now), to, now);
    // The first of them carries what is told of all.
    return kin[0] === alarm ? queued(stormNotice(alarm.kind, alarm.kind, kin, now), to, now) : [];
  }

  function clearedNotices(alarm: OverAlarm): readonly QueuedNotice[] {
    const kind = alarm.kind as Notice['kind'];
    const kin = clearedOf.get(kind) ?? [];
    const to = listeners(notifiers, kind, 'cleared');
    if (kin.length <= mostToldAlone) return queued(clearedNotice(alarm, now), to, now);
    return kin[0] === alarm ? queued(stormNotice('cleared', kind, kin, now), to, now) : [];
  }
}

function byKind<A extends { readonly kind: string }>(alarms: readonly A[]): ReadonlyMap<string, readonly A[]> {
  return Map.groupBy(alarms, ({ kind }) => kind);
}

/** The schedule by which a notifier gets digests; `null` when it gets none. */
export const digestOf = ({ digest }: Instance): string | null => (typeof digest === 'string' ? digest : null);
