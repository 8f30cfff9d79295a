import { fromRow } from '../../../engine/alarms/row.ts';
import type { ShellHandler } from '../../contract.ts';
import { pastTime } from '../../lookup/past-time.ts';
import { textOrNull } from '../../registry/argument-values.ts';
import { noCell, plainData, stateCell, tableView, textCell, timeCell, withoutEmpty } from '../../view/build.ts';

const tones = { critical: 'bad', warning: 'risk', info: 'quiet' } as const;
const mostShown = 1_000;

export const run: ShellHandler = async (site, args) => {
  const since = textOrNull(args, 'since');
  const { alarms: store } = await site.catalog();
  const alarms =
    since === null
      ? await (await site.engine()).alarms.open()
      : (await store.since(pastTime('since', since, site.now()), mostShown)).map(fromRow);
  const lost = (await store.notices(1_000)).filter(({ givenUpAt }) => givenUpAt !== null);
  return {
    data: {
      alarms: alarms.map(plainData),
      undelivered: lost.map(({ id, notifier, error, givenUpAt }) => ({ id, notifier, error, givenUpAt })),
    },
    view: withoutEmpty(
      tableView(
        since === null ? 'Alarms' : `Alarms of the last ${since}`,
        [
          { key: 'severity', title: 'how grave', priority: 0 },
          { key: 'title', title: 'what', priority: 0 },
          { key: 'since', title: 'since', align: 'right', priority: 0 },
          { key: 'cleared', title: 'until', align: 'right' },
          { key: 'remedy', title: 'what to do' },
        ],
        alarms.map((alarm) => ({
          id: alarm.key,
          cells: {
            severity: stateCell(alarm.severity, alarm.clearedAt === null ? tones[alarm.severity] : 'quiet'),
            title: textCell(alarm.title),
            since: timeCell(alarm.since),
            cleared: timeCell(alarm.clearedAt),
            remedy: alarm.remedy === null ? noCell : textCell(alarm.remedy),
          },
        })),
        since === null ? 'nothing: all is as it should be' : 'nothing was wrong',
      ),
      ['cleared', 'remedy'],
    ),
  };
};
