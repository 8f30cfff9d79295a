import { randomUUID } from 'node:crypto';
import type { Notice } from '@holdfast/api';
import { findInstance } from '../../../config/instance.ts';
import { ownName } from '../../../engine/alarms/notices.ts';
import { openNotifier } from '../../../engine/alarms/notifiers.ts';
import type { ShellHandler } from '../../contract.ts';
import { isSet, textOf } from '../../registry/argument-values.ts';
import { confirmChange } from '../../registry/confirm.ts';
import { detailView, plainData, stateCell, textCell } from '../../view/build.ts';

export const run: ShellHandler = async (site, args, call) => {
  const name = textOf(args, 'name');
  const config = await site.config();
  findInstance(config, 'notifiers', name);
  const notice: Notice = {
    id: `test-${randomUUID()}`,
    at: site.now(),
    kind: 'test',
    severity: 'info',
    title: `a test of the notifier ${name}`,
    text: `${site.actor.name} asked for this. Nothing has happened; it shows that notices arrive.`,
    remedy: null,
    from: ownName(),
    facts: { notifier: name, who: site.actor.name },
  };
  if (isSet(args, 'dryRun')) {
    const would = textCell(`This sends a test notice by ${name}`);
    return { data: { dryRun: true, notice: plainData(notice) }, view: detailView('Plan', [['plan', 'Would', would]]) };
  }
  await confirmChange(site, args, `sends a test notice by ${name}`);
  const deps = { config, host: await site.host(), secrets: await site.secrets() };
  const notifier = await openNotifier(deps, name, call);
  await notifier.send(notice, call);
  return {
    data: { sent: name, notice: plainData(notice) },
    view: detailView(`Notifier ${name}`, [
      ['state', 'State', stateCell('sent', 'good')],
      ['notice', 'Notice', textCell(notice.id)],
    ]),
  };
};
