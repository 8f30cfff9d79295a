import type { CommandResult } from '@holdfast/api';
import { PolicyInvalid } from '../../../config/policies/problem.ts';
import type { ShellHandler } from '../../contract.ts';
import { formatNumbered } from '../../format/numbers.ts';
import { wantedPolicies } from '../../lookup/policy-file.ts';
import { textOrNull } from '../../registry/argument-values.ts';
import { plainData, tableView, textCell } from '../../view/build.ts';
import { planAnswer } from './answer.ts';

export const run: ShellHandler = async (site, args, call) => {
  try {
    const wanted = await wantedPolicies(site, textOrNull(args, 'file'));
    return planAnswer(wanted, await (await site.engine()).policies.plan(wanted, call));
  } catch (problem) {
    if (problem instanceof PolicyInvalid && problem.problems.length > 1) return invalidAnswer(problem);
    throw problem;
  }
};

/** All that is wrong with a file: a message has room for a few only. */
function invalidAnswer({ problems }: PolicyInvalid): CommandResult {
  return {
    data: { applicable: false, problems: problems.map(plainData) },
    view: tableView(
      'Problems',
      [
        { key: 'place', title: 'place', priority: 0 },
        { key: 'key', title: 'key' },
        { key: 'what', title: 'what', priority: 0 },
      ],
      problems.map(({ line, column, key, message }, index) => ({
        id: String(index),
        cells: { place: textCell(`${line}:${column}`), key: textCell(key), what: textCell(message) },
      })),
      'none',
    ),
    failure: {
      code: 'POLICY_INVALID',
      message: `${problems[0]?.file ?? 'the file'} has ${formatNumbered(problems.length, 'problem')}`,
      remedy: 'correct the places that are named, then `holdfast plan` again',
    },
  };
}
