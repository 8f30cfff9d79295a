import type { ShellHandler } from '../../contract.ts';
import { durationCell, noCell, tableView, textCell, timeCell } from '../../view/build.ts';
import { sessionsOf } from './open-sessions.ts';

export const run: ShellHandler = async (site) => {
  const now = site.now();
  const sessions = sessionsOf(site).list();
  const view = tableView(
    'Sessions',
    [
      { key: 'id', title: 'session', priority: 0 },
      { key: 'who', title: 'who', priority: 0 },
      { key: 'from', title: 'from' },
      { key: 'since', title: 'since' },
      { key: 'idle', title: 'no key for', align: 'right' },
      { key: 'size', title: 'window', priority: 2 },
      { key: 'observers', title: 'observed by' },
    ],
    sessions.map(({ id, actor, since, activeAt, columns, rows, observers }) => ({
      id,
      cells: {
        id: textCell(id),
        who: textCell(actor.name),
        from: textCell(actor.from),
        since: timeCell(since),
        idle: durationCell(Math.max(0, now - activeAt)),
        size: textCell(`${columns}×${rows}`),
        observers: observers.length === 0 ? noCell : textCell(observers.join(', ')),
      },
    })),
    'nobody has the workbench open over SSH',
  );
  const data = sessions.map(({ id, actor, since, activeAt, columns, rows, observers }) => ({
    id,
    user: actor.name,
    from: actor.from,
    since,
    activeAt,
    columns,
    rows,
    observers: [...observers],
  }));
  return { data: { sessions: data }, view };
};
