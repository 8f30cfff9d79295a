import { HoldfastError } from '@holdfast/api';
import type { ShellHandler } from '../../contract.ts';
import { shortId } from '../../lookup/names.ts';
import { findPoint } from '../../lookup/points.ts';
import { chooseTarget } from '../../lookup/targets.ts';
import { isSet, textOf, textOrNull } from '../../registry/argument-values.ts';
import { confirmChange } from '../../registry/confirm.ts';
import { bytesCell, detailView, durationCell, plainData, stateCell, textCell, timeCell } from '../../view/build.ts';
import { rateOf } from '../repository/amounts.ts';
import { relationWords } from '../repository/sync-answer.ts';

export const run: ShellHandler = async (site, args, call) => {
  const options = { bytesPerSecond: rateOf(textOrNull(args, 'limit')) };
  const to = await chooseTarget(site, textOf(args, 'to'), '--to');
  const point = await findPoint(site, textOf(args, 'point'), textOrNull(args, 'target'), call);
  if (point.target === to)
    throw new HoldfastError('USAGE', `restore point ${point.point} is on ${to} already`, {
      remedy: 'name another target with `--to`',
    });
  const what = `copies restore point ${shortId(point.point)} of ${point.machineName} from ${point.target} to ${to}`;
  const { repositories } = await site.engine();
  if (isSet(args, 'dryRun')) {
    const machine = { endpoint: point.endpoint, machine: point.machine };
    const wish = { from: point.target, to, machine, since: point.takenAt };
    const { relation, points } = await repositories.planSync(wish, call);
    const isThere = points.some((one) => one.point.point === point.point && one.seemsThere);
    return {
      data: { dryRun: true, point: plainData(point), to, relation, seemsThere: isThere },
      view: detailView('Plan', [
        ['plan', 'Would', textCell(`This ${what}`)],
        ['there', 'There already', isThere ? stateCell('seems so', 'good') : textCell('no')],
        ['how', 'How', textCell(relationWords[relation])],
        ['size', 'Size of the disks', bytesCell(point.sizeBytes)],
      ]),
    };
  }
  await confirmChange(site, args, what);
  const {
    wasThere,
    relation,
    moved,
    point: copy,
  } = await repositories.copy(point.target, point.point, to, options, call);
  return {
    data: { point: point.point, from: point.target, to, copy, wasThere, relation, moved: plainData(moved) },
    view: detailView(`Copy of ${point.machineName} on ${to}`, [
      ['state', 'State', stateCell(wasThere ? 'was there already' : 'copied', 'good')],
      ['copy', 'Restore point', textCell(copy)],
      ['taken', 'Taken', timeCell(point.takenAt)],
      ['how', 'How', textCell(relationWords[relation])],
      ['read', 'Read', bytesCell(moved.readBytes)],
      ['had', 'It had already', bytesCell(moved.duplicateBytes)],
      ['stored', 'Stored', bytesCell(moved.storedBytes)],
      ['duration', 'Took', durationCell(moved.durationMs)],
    ]),
  };
};
