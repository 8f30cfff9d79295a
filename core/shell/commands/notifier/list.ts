import type { ShellHandler } from '../../contract.ts';
import { instanceState } from '../../lookup/instance-state.ts';
import { pluginStateOf } from '../../lookup/plugin-users.ts';
import { countCell, noCell, plainData, stateCell, tableView, textCell, timeCell } from '../../view/build.ts';

export const run: ShellHandler = async (site) => {
  const { config, origins } = await site.config();
  const host = await site.host();
  const notices = await (await site.catalog()).alarms.notices(10_000);
  const rows = Object.entries(config.notifiers ?? {}).map(([name, instance]) => {
    const own = notices.filter(({ notifier }) => notifier === name);
    const waiting = own.filter(({ sentAt, givenUpAt }) => sentAt === null && givenUpAt === null);
    return {
      name,
      instance,
      waiting: waiting.length,
      givenUp: own.filter(({ givenUpAt }) => givenUpAt !== null).length,
      // Newest first.
      lastSentAt: own.find(({ sentAt }) => sentAt !== null)?.sentAt ?? null,
      problem: waiting.find(({ error }) => error !== null)?.error ?? null,
    };
  });
  return {
    data: {
      notifiers: rows.map(({ instance, ...rest }) => ({
        ...rest,
        ...(plainData(instance) as object),
        pluginState: pluginStateOf(host, 'notifiers', instance.use),
      })),
    },
    view: tableView(
      'Notifiers',
      [
        { key: 'name', title: 'name', priority: 0 },
        { key: 'use', title: 'kind', priority: 0 },
        { key: 'state', title: 'plugin' },
        { key: 'tell', title: 'is told' },
        { key: 'digest', title: 'digest' },
        { key: 'waiting', title: 'waiting', align: 'right', priority: 0 },
        { key: 'lost', title: 'given up', align: 'right' },
        { key: 'sent', title: 'last sent', align: 'right' },
        { key: 'problem', title: 'problem', priority: 0 },
        { key: 'origin', title: 'set in', priority: 2 },
      ],
      rows.map(({ name, instance: { use, tell, digest }, waiting, givenUp, lastSentAt, problem }) => ({
        id: name,
        cells: {
          name: textCell(name),
          use: textCell(use),
          state: instanceState(host, 'notifiers', use),
          tell: textCell(Array.isArray(tell) ? tell.join(', ') : 'all but digests'),
          digest: typeof digest === 'string' ? textCell(digest) : noCell,
          waiting: countCell(waiting),
          lost: givenUp === 0 ? countCell(0) : stateCell(String(givenUp), 'bad'),
          sent: timeCell(lastSentAt),
          problem: problem === null ? noCell : textCell(problem),
          origin: textCell(origins.get(`notifiers.${name}.use`)?.place ?? ''),
        },
      })),
      'nobody is told anything yet: `holdfast notifier add NAME --use mail`',
    ),
  };
};
