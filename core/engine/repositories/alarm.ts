import { isHoldfastError, type Notice } from '@holdfast/api';
import { alarmOf, type FoundAlarm } from '../alarms/found.ts';
import { collectionPrefix } from '../alarms/keys.ts';
import { listeners, ownName, queued } from '../alarms/notices.ts';
import type { EngineParts } from '../run/parts.ts';
import type { Collected } from './contract.ts';

/**
 * A repository that could not be collected is an alarm until it could. That somebody else collects is none, and no end of one; that only others may remove
 * there is none, and the end of one.
 */
export async function noteCollection(parts: EngineParts, { target, problem, report }: Collected): Promise<void> {
  const { alarms } = parts.catalog;
  const key = `${collectionPrefix}${target}`;
  const up = (await alarms.open()).find((alarm) => alarm.key === key);
  const at = parts.now();
  const { notifiers } = parts.config.config;
  const isRefused = problem?.code === 'TARGET_READ_ONLY';
  if ((report !== null || isRefused) && up !== undefined) {
    const since = new Date(up.since).toISOString();
    const [title, text] = isRefused
      ? [
          'over',
          `It was not as it should be since ${since}. ${problem.message}: it is left to whoever may remove there.`,
        ]
      : ['in order again', `It was not as it should be since ${since}, and is now.`];
    const notice = noticeOf({ ...failedAlarm(target, null, at), title: `${title}: ${up.title}`, text }, 'cleared', at);
    await alarms.change([], [{ key, at, notices: queued(notice, listeners(notifiers, 'schedule', 'cleared'), at) }]);
  }
  if (problem === null || problem.code === 'COLLECTION_BUSY' || isRefused || up !== undefined) return;
  const alarm = failedAlarm(target, problem, at);
  const notices = queued(noticeOf(alarm, alarm.kind, at), listeners(notifiers, alarm.kind), at);
  await alarms.change([{ ...alarm, facts: { ...alarm.facts }, notices }], []);
}

/** Room that is not given back is a nuisance; data that cannot be read is more than that. */
const grave: readonly string[] = ['REPOSITORY_DAMAGED', 'REPOSITORY_ROLLED_BACK'];

function failedAlarm(target: string, problem: Collected['problem'], at: number): FoundAlarm {
  const code = problem?.code ?? null;
  return alarmOf({
    key: `${collectionPrefix}${target}`,
    kind: 'schedule',
    severity: code !== null && grave.includes(code) ? 'critical' : 'warning',
    title: `${target}: its repository could not be collected${problem === null ? '' : `: ${problem.message}`}`,
    lines: [
      ...(problem === null ? [] : [`${problem.code}: ${problem.message}`]),
      'What no restore point needs any more goes on taking room there. Nothing is lost by that.',
    ],
    remedy: problem?.remedy ?? `holdfast repository prune ${target}`,
    facts: { target, code },
    since: at,
  });
}

const noticeOf = (alarm: FoundAlarm, kind: Notice['kind'], at: number): Notice => ({
  id: `${kind === 'cleared' ? 'cleared ' : ''}${alarm.key}@${at}`,
  at,
  kind,
  severity: kind === 'cleared' ? 'info' : alarm.severity,
  title: alarm.title,
  text: alarm.text,
  remedy: kind === 'cleared' ? null : alarm.remedy,
  from: ownName(),
  facts: { alarm: alarm.key, ...alarm.facts },
});

/** What went wrong, in words. */
export function problemOf(thrown: unknown): NonNullable<Collected['problem']> {
  if (isHoldfastError(thrown)) return { code: thrown.code, message: thrown.message, remedy: thrown.remedy ?? null };
  return { code: 'INTERNAL', message: thrown instanceof Error ? thrown.message : String(thrown), remedy: null };
}
