import { HoldfastError } from '@holdfast/api';
import { writtenIn } from '../../../config/policies/edit.ts';
import { nearest } from '../../../engine/compose/nearest.ts';
import { policyWords, stepInWords } from '../../../model/policies/diff.ts';
import { whenText } from '../../../model/schedules/when.ts';
import type { ShellHandler } from '../../contract.ts';
import { textOf } from '../../registry/argument-values.ts';
import {
  countCell,
  detailView,
  noCell,
  plainData,
  stackView,
  stateCell,
  tableView,
  textCell,
  timeCell,
} from '../../view/build.ts';
import { keptPromises } from './promises.ts';

export const run: ShellHandler = async (site, args) => {
  const name = textOf(args, 'policy');
  const engine = await site.engine();
  const applied = await engine.policies.applied();
  const names = applied?.set.policies.map((policy) => policy.name) ?? [];
  const kept =
    applied === null ? undefined : (await keptPromises(site, applied.set)).find(({ policy }) => policy.name === name);
  if (applied === null || kept === undefined) {
    const [guess] = nearest(name, names, 1);
    throw new HoldfastError('POLICY_NOT_FOUND', `no policy in force is called ${name}`, {
      ...(guess === undefined ? {} : { remedy: `did you mean ${guess}? \`holdfast policy list\` shows what there is` }),
      facts: { policy: name },
    });
  }
  const { policy, machines } = kept;
  const scheduled = (await engine.schedules.list()).filter((one) => one.policy === name);
  const says = detailView(`Policy ${name}`, [
    ['state', 'State', policy.isPaused ? stateCell('paused', 'quiet') : stateCell('active', 'good')] as const,
    ['machines', 'Machines', countCell(machines.length)] as const,
    ...policyWords(policy).map((line, index) => {
      const at = line.indexOf(': ');
      return [`said-${index}`, line.slice(0, at), textCell(line.slice(at + 2))] as const;
    }),
  ]);
  const workflows = tableView(
    'Workflows',
    [
      { key: 'workflow', title: 'workflow', priority: 0 },
      { key: 'when', title: 'when', priority: 0 },
      { key: 'next', title: 'next' },
      { key: 'last', title: 'last' },
      { key: 'missed', title: 'missed', align: 'right' },
      { key: 'steps', title: 'steps' },
      { key: 'problem', title: 'problem' },
    ],
    policy.workflows.map((workflow) => {
      const time = scheduled.find((one) => one.workflow === workflow.name);
      return {
        id: workflow.name,
        cells: {
          workflow: textCell(workflow.name),
          when: textCell(whenText(workflow.when) ?? 'only when asked'),
          next: timeCell(time?.next),
          last: timeCell(time?.last?.firedAt),
          missed: countCell(time?.missed ?? 0),
          steps: textCell(workflow.steps.map(stepInWords).join(' → ')),
          problem: time?.problem == null ? noCell : textCell(time.problem),
        },
      };
    }),
    'none',
  );
  const protectedOnes = tableView(
    'Machines',
    [
      { key: 'machine', title: 'machine', priority: 0 },
      { key: 'newest', title: 'newest restore point', priority: 0 },
      { key: 'promise', title: 'rpo' },
    ],
    machines.map(({ record, newestAt, isKept }) => ({
      id: `${record.endpoint}/${record.machine.id}`,
      cells: {
        machine: textCell(`${record.endpoint}/${record.machine.name}`),
        newest: timeCell(newestAt),
        promise:
          policy.objective.rpoMs === null ? noCell : isKept ? stateCell('kept', 'good') : stateCell('missed', 'bad'),
      },
    })),
    'nothing that is there is selected',
  );
  return {
    data: {
      policy: plainData(policy),
      written: plainData(writtenIn(applied.text, name) ?? {}),
      workflows: scheduled.map(plainData),
      machines: machines.map(({ record, newestAt, isKept }) => ({
        endpoint: record.endpoint,
        machine: record.machine.id,
        name: record.machine.name,
        newestAt,
        withinRpo: policy.objective.rpoMs === null ? null : isKept,
      })),
    },
    view: stackView('', [says, workflows, protectedOnes]),
  };
};
