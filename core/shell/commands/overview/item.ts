import type { Call, CommandResult, Plain } from '@holdfast/api';
import { HoldfastError } from '@holdfast/api';
import type { ShellHandler, Site } from '../../contract.ts';
import { coverageOf } from '../../lookup/coverage.ts';
import { textOf } from '../../registry/argument-values.ts';
import { executeCommand } from '../../registry/execute.ts';
import { countCell, noCell, plainData, stateCell, tableView, textCell, timeCell } from '../../view/build.ts';
import { placeOf } from './needs.ts';
import { type Protection, type ProtectionState, protectionOf } from './protection.ts';

const groups: Readonly<Record<string, readonly [title: string, states: readonly ProtectionState[]]>> = {
  '@failed': ['Machines whose last run failed', ['failed']],
  '@at-risk': ['Machines at risk', ['failed', 'late']],
  '@unprotected': ['Machines without a restore point', ['unprotected']],
  '@uncovered': ['Machines that no policy protects', ['failed', 'late', 'unprotected', 'protected']],
  '@machines': ['Machines', ['failed', 'late', 'unprotected', 'protected', 'gone']],
};

const words = {
  protected: ['protected', 'good'],
  failed: ['failed', 'bad'],
  late: ['late', 'risk'],
  unprotected: ['unprotected', 'quiet'],
  gone: ['gone', 'quiet'],
} as const;

function groupAnswer(title: string, machines: readonly Protection[]): CommandResult {
  return {
    data: {
      machines: machines.map(({ failed, ...rest }) => ({
        ...(plainData(rest) as object),
        failedRun: failed?.id ?? null,
      })),
    },
    view: tableView(
      title,
      [
        { key: 'name', title: 'machine', priority: 0 },
        { key: 'state', title: 'state', priority: 0 },
        { key: 'endpoint', title: 'endpoint' },
        { key: 'points', title: 'points', align: 'right' },
        { key: 'last', title: 'last point', align: 'right', priority: 0 },
        { key: 'problem', title: 'problem' },
      ],
      machines.map((one) => {
        const problem = one.failed?.error?.message ?? one.problem;
        return {
          id: placeOf(one),
          cells: {
            name: textCell(one.name),
            state: stateCell(words[one.state][0], words[one.state][1]),
            endpoint: textCell(one.endpoint),
            points: countCell(one.points),
            last: timeCell(one.newestAt),
            problem: problem === null ? noCell : textCell(problem),
          },
        };
      }),
      'none any more',
    ),
  };
}

/** The command that shows a thing, and what it takes: the identity says which kind of thing it is. */
async function commandFor(site: Site, item: string): Promise<readonly [string, Readonly<Record<string, Plain>>]> {
  if (item === '@alarms' || item.startsWith('@alarm ')) return ['alarm.list', {}];
  if (item === '@approvals') return ['approval.list', {}];
  if (item.startsWith('@') && !item.includes('/')) return ['endpoint.list', {}];
  const { config } = await site.config();
  if (Object.hasOwn(config.targets, item)) return ['target.doctor', { name: item }];
  const isPlugin = (await site.host()).plugins().some(({ manifest }) => manifest.name === item);
  if (isPlugin) return ['plugin.show', { name: item }];
  const run = await (await site.catalog()).jobs.get(item);
  return run === null ? ['machine.show', { name: item }] : ['run.show', { run: item }];
}

async function show(site: Site, item: string, call: Call): Promise<CommandResult> {
  const [id, args] = await commandFor(site, item);
  const command = (await site.commands()).find((one) => one.id === id);
  if (command === undefined) throw new HoldfastError('INTERNAL', `there is no command ${id}`);
  return executeCommand(site, command, args, call);
}

/** What stands behind a line of the overview, with the rights of whoever asks. */
export const run: ShellHandler = async (site, args, call) => {
  const item = textOf(args, 'item');
  const group = Object.hasOwn(groups, item) ? groups[item] : undefined;
  if (group === undefined) return show(site, item, call);
  const [title, states] = group;
  const catalog = await site.catalog();
  const covered = await coverageOf(catalog);
  const all = await protectionOf(catalog, await catalog.pointSums(), site.now(), covered);
  const those = all.filter(({ state }) => states.includes(state));
  return groupAnswer(title, item === '@uncovered' ? those.filter(({ policies }) => policies.length === 0) : those);
};
