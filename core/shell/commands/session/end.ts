import type { ShellHandler } from '../../contract.ts';
import { byIdentity } from '../../lookup/names.ts';
import { isSet, textOf } from '../../registry/argument-values.ts';
import { confirmChange } from '../../registry/confirm.ts';
import { detailView, textCell } from '../../view/build.ts';
import { sessionsOf } from './open-sessions.ts';

export const run: ShellHandler = async (site, args) => {
  const all = sessionsOf(site).list();
  const session = byIdentity(textOf(args, 'session'), all, ({ id }) => id, 'session', 'SESSION_NOT_FOUND');
  const reason = textOf(args, 'reason');
  const { id, actor } = session;
  const view = (title: string) =>
    detailView(title, [
      ['id', 'Session', textCell(id)],
      ['who', 'Who', textCell(`${actor.name} from ${actor.from}`)],
      ['reason', 'Told', textCell(reason)],
    ]);
  if (isSet(args, 'dryRun')) return { data: { dryRun: true, session: id }, view: view('Would end') };
  await confirmChange(site, args, `ends the session of ${actor.name}; runs that they started go on`);
  session.end(reason);
  return { data: { session: id, ended: true }, view: view('Session ended') };
};
