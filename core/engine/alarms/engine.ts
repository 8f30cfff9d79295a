import { isHoldfastError, type Notice } from '@holdfast/api';
import type { AlarmRow } from '../../catalog/contract.ts';
import type { PolicyEngine } from '../policies/contract.ts';
import type { EngineParts } from '../run/parts.ts';
import { PlanBook } from '../schedules/plan-book.ts';
import type { Alarm, AlarmEngine } from './contract.ts';
import { deliverDue, type Round } from './deliver.ts';
import { dueDigests } from './digest.ts';
import { emptyEndpoints } from './empty-endpoints.ts';
import { failedRuns, progressOf, stillFailed } from './failed-runs.ts';
import { alarmOf, type FoundAlarm } from './found.ts';
import { collectionPrefix, notifierPrefix } from './keys.ts';
import { MissedPoints } from './missed-points.ts';
import { missedRuns } from './missed-runs.ts';
import { changesOf, listeners, queued } from './notices.ts';
import { fromRow } from './row.ts';
import { byGravity } from './severity.ts';
import { type OverAlarm, withReasons } from './why-over.ts';

/** The lease of whoever sends notices. */
const leaseName = 'notices';
/** Longer than a round of sending takes; whoever dies while it sends holds up the others for no longer. */
const leaseMs = 180_000;

/** Makes what watches over promises and tells administrators. @see docs/decisions/notices.md */
export function makeAlarms(parts: EngineParts, policies: PolicyEngine): AlarmEngine {
  const { catalog, config, now } = parts;
  const { alarms } = catalog;
  const notifiers = config.config.notifiers;
  const plans = new PlanBook(catalog);
  const points = new MissedPoints(catalog, policies);

  const open = async (): Promise<readonly Alarm[]> => (await alarms.open()).map(fromRow).toSorted(byGravity);

  return {
    async look(call) {
      const at = now();
      const [up, progress] = await Promise.all([alarms.open(), progressOf(catalog, at)]);
      const failed = await failedRuns(catalog, progress, at);
      const promised = await ofPolicies(at, async () => [
        ...(await points.find(progress, at)),
        ...(await missedRuns(catalog, plans, at)),
        ...(await emptyEndpoints(catalog, parts.endpoints.names())),
      ]);
      if (promised.problem !== null) call.log('warn', promised.problem.title);
      const found = unique([...failed, ...promised.found]);
      const keys = new Set(found.map(({ key }) => key));
      const cleared: AlarmRow[] = [];
      for (const alarm of up) if (!keys.has(alarm.key) && (await isSettled(alarm))) cleared.push(alarm);
      const { raise, clear } = changesOf(found, up, await reasoned(cleared), notifiers, at);
      if (raise.length + clear.length > 0) await alarms.change(raise, clear);
      return open();

      /** Where policies cannot be read, only what does not follow from them is over. */
      async function reasoned(over: readonly AlarmRow[]): Promise<readonly OverAlarm[]> {
        if (promised.problem !== null) return over.map((alarm) => ({ ...alarm, because: null }));
        return withReasons(over, catalog, plans, progress, at);
      }

      /** Whether that it was not found means that it is in order. */
      async function isSettled({ key, kind, facts }: AlarmRow): Promise<boolean> {
        if (key.startsWith(notifierPrefix)) return false;
        // Only a collection that succeeds shows that the next will; of a target that is gone, or left to others, there is none.
        if (key.startsWith(collectionPrefix)) {
          const { targets } = config.config;
          const target = key.slice(collectionPrefix.length);
          return !Object.hasOwn(targets, target) || targets[target]?.collect === false;
        }
        if (kind !== 'run-failed') return promised.problem === null;
        const { endpoint, machine, run } = facts as Readonly<Record<string, unknown>>;
        // A run that goes on may fail as the last one did.
        if (progress.active.has(`${String(endpoint)}\n${String(machine)}`)) return false;
        // Many failures of others make none of this one good.
        return !(await stillFailed(catalog, String(run), progress, at));
      }
    },

    async deliver(call) {
      const lease = await catalog.leases.take(leaseName, parts.holder, leaseMs);
      if (lease === null) return 0;
      try {
        const log = (text: string): void => call.log('warn', text);
        const digests = await dueDigests(catalog, policies, notifiers, parts.zone, now(), log);
        if (digests.length > 0) await alarms.queue(digests);
        const round = await deliverDue(parts, call);
        await noteNotifiers(round, await alarms.open());
        return round.sent;
      } finally {
        await catalog.leases.release(lease);
      }
    },

    open,
  };

  /** A notifier that lost something is an alarm, told to the others; it is in order again when something arrives. */
  async function noteNotifiers({ givenUp, working }: Round, up: readonly AlarmRow[]): Promise<void> {
    const at = now();
    const raise = [...givenUp].map(([name, why]) => {
      const alarm = lostAlarm(name, why, at);
      const others = listeners(notifiers, alarm.kind).filter((other) => other !== name);
      const notice: Notice = { ...noticeHead(alarm, at), from: 'holdfast' };
      return { ...alarm, facts: { ...alarm.facts }, notices: queued(notice, others, at) };
    });
    const clear = up.flatMap(({ key }) => {
      if (!key.startsWith(notifierPrefix)) return [];
      const name = key.slice(notifierPrefix.length);
      const isOver = !Object.hasOwn(notifiers ?? {}, name) || (working.has(name) && !givenUp.has(name));
      return isOver ? [{ key, at, notices: [] }] : [];
    });
    if (raise.length + clear.length > 0) await alarms.change(raise, clear);
  }
}

function lostAlarm(name: string, why: string, at: number): FoundAlarm {
  return alarmOf({
    key: `${notifierPrefix}${name}`,
    kind: 'schedule',
    severity: 'critical',
    title: `${name}: notices could not be delivered and were given up`,
    lines: [why, 'What was not delivered is listed by `holdfast alarm list`.'],
    remedy: `holdfast notifier test ${name}`,
    facts: { notifier: name },
    since: at,
  });
}

const noticeHead = (alarm: FoundAlarm, at: number): Omit<Notice, 'from'> => ({
  id: `${alarm.key}@${at}`,
  at,
  kind: alarm.kind,
  severity: alarm.severity,
  title: alarm.title,
  text: alarm.text,
  remedy: alarm.remedy,
  facts: { alarm: alarm.key, ...alarm.facts },
});

/** What follows from policies; where they cannot be read that is an alarm itself, and nothing else of them is judged. */
async function ofPolicies(
  at: number,
  find: () => Promise<readonly FoundAlarm[]>,
): Promise<{ readonly found: readonly FoundAlarm[]; readonly problem: FoundAlarm | null }> {
  try {
    return { found: await find(), problem: null };
  } catch (thrown) {
    if (!isHoldfastError(thrown, 'POLICY_INVALID') && !isHoldfastError(thrown, 'SCHEDULE_INVALID')) throw thrown;
    const problem = alarmOf({
      key: 'schedule policies',
      kind: 'schedule',
      severity: 'critical',
      title: 'the policies in force cannot be read: nothing is run by them',
      lines: [thrown.message],
      remedy: thrown.remedy ?? 'holdfast apply -f FILE',
      facts: { code: thrown.code },
      since: at,
    });
    return { found: [problem], problem };
  }
}

const unique = (found: readonly FoundAlarm[]): readonly FoundAlarm[] => [
  ...new Map(found.map((alarm) => [alarm.key, alarm])).values(),
];
