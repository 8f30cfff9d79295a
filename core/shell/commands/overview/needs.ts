import type { Plain, Tone } from '@holdfast/api';
import type { Alarm } from '../../../engine/alarms/contract.ts';
import type { PluginStatus } from '../../../host/contract.ts';
import { timeInWords } from '../../../model/policies/words.ts';
import type { ShellCommand } from '../../contract.ts';
import { formatNumbered } from '../../format/numbers.ts';
import { formatDuration } from '../../format/times.ts';
import { lastCheck } from '../../lookup/last-check.ts';
import type { PastChecks } from '../../lookup/past-checks.ts';
import { commandLine } from '../../registry/command-line.ts';
import { defaultObjective, type Protection, type ProtectionState } from './protection.ts';

/** What somebody should do something about, and the command that does. */
export interface Need {
  /** What a command takes for it: `ENDPOINT/NAME`, a target, a plugin; `@late` and the like for all of a kind. */
  readonly id: string;
  readonly kind: 'machine' | 'machines' | 'target' | 'plugin' | 'setup' | 'alarm' | 'approval' | 'policy';
  readonly tone: Tone;
  readonly what: string;
  readonly why: string;
  readonly fix: {
    readonly command: string;
    readonly args: Readonly<Record<string, Plain>>;
    /** As a person types it here. */
    readonly line: string;
    /** The same with the name of the program alone, to be read. */
    readonly short: string;
  };
}

/** So many machines of a state are named one by one; more are one line. */
const mostNamed = 5;

export type Fix = (command: string, args: Readonly<Record<string, Plain>>) => Need['fix'];

/** Writes fixes out as this program is called here. */
export function fixes(commands: readonly ShellCommand[], invocation: string): Fix {
  const known = new Map(commands.map((command) => [command.id, command]));
  return (id, args) => {
    const command = known.get(id);
    const write = (program: string): string => (command === undefined ? '' : commandLine(command, args, program));
    return { command: id, args, line: write(invocation), short: write('holdfast') };
  };
}

export const placeOf = ({ endpoint, name }: Protection): string => `${endpoint}/${name}`;

function failedNeed(one: Protection, fix: Fix): Need {
  const run = one.failed?.id ?? '';
  return {
    id: placeOf(one),
    kind: 'machine',
    tone: 'bad',
    what: one.name,
    why: `the last run failed: ${one.failed?.error?.message ?? 'it says not why'}`,
    fix: one.failed?.state === 'failed' ? fix('run.retry', { run }) : fix('run.show', { run }),
  };
}

function lateNeed(one: Protection, now: number, fix: Fix): Need {
  const age = formatDuration(now - (one.newestAt ?? now));
  return {
    id: placeOf(one),
    kind: 'machine',
    tone: 'risk',
    what: one.name,
    why: `the newest restore point is ${age} old, and ${one.rpoMs === null ? defaultObjective : timeInWords(one.rpoMs)} is the objective`,
    fix: fix('protect', { machines: [placeOf(one)] }),
  };
}

function bareNeed(one: Protection, fix: Fix): Need {
  const place = placeOf(one);
  return {
    id: place,
    kind: 'machine',
    tone: one.problem === null ? 'quiet' : 'risk',
    what: one.name,
    why: one.problem === null ? 'has no restore point' : `cannot be protected: ${one.problem}`,
    fix: one.problem === null ? fix('protect', { machines: [place] }) : fix('machine.show', { name: place }),
  };
}

const groups: Readonly<Partial<Record<ProtectionState, readonly [id: string, tone: Tone, why: string]>>> = {
  failed: ['@failed', 'bad', 'have failed since their newest restore point'],
  late: ['@at-risk', 'risk', 'have no restore point as new as their objective wants'],
  unprotected: ['@unprotected', 'quiet', 'have no restore point'],
};

function machineNeeds(all: readonly Protection[], now: number, fix: Fix): readonly Need[] {
  const one: Readonly<Partial<Record<ProtectionState, (machine: Protection) => Need>>> = {
    failed: (machine) => failedNeed(machine, fix),
    late: (machine) => lateNeed(machine, now, fix),
    unprotected: (machine) => bareNeed(machine, fix),
  };
  return (['failed', 'late', 'unprotected'] as const).flatMap((state) => {
    const these = all.filter((machine) => machine.state === state);
    const [group, need] = [groups[state], one[state]];
    if (group === undefined || need === undefined) return [];
    if (these.length <= mostNamed) return these.map(need);
    const [id, tone, why] = group;
    const what = formatNumbered(these.length, 'machine');
    return [{ id, kind: 'machines', tone, what, why, fix: fix('overview.item', { item: id }) }];
  });
}

function pluginNeeds(plugins: readonly PluginStatus[], fix: Fix): readonly Need[] {
  return plugins.flatMap(({ manifest: { name }, state, failure, lastFailure }): readonly Need[] => {
    const about = { id: name, kind: 'plugin', what: `plugin ${name}` } as const;
    if (state === 'untrusted') {
      return [
        { ...about, tone: 'risk', why: 'is not trusted, so it does nothing', fix: fix('plugin.trust', { name }) },
      ];
    }
    const why = failure ?? (lastFailure === null ? null : `failed to start: ${lastFailure.message}`);
    if (why === null) return [];
    const command = state === 'invalid' ? fix('plugin.check', { plugin: name }) : fix('plugin.show', { name });
    return [{ ...about, tone: 'bad', why, fix: command }];
  });
}

function targetNeeds(names: readonly string[], checks: PastChecks, fix: Fix): readonly Need[] {
  return names.flatMap((name): readonly Need[] => {
    const check = lastCheck(name, checks);
    if (check === null || check.state === 'ok') return [];
    const tone = check.state === 'failed' ? 'bad' : 'risk';
    const about = { id: name, kind: 'target', what: `target ${name}` } as const;
    const isDamaged = checks.repositories[name]?.state === 'damaged';
    const how = isDamaged ? fix('repository.repair', { target: name }) : fix('target.doctor', { name });
    return [{ ...about, tone, why: check.detail, fix: how }];
  });
}

/** What machines do not tell already: missed runs, schedules, notices that could not be delivered. */
function alarmNeeds(alarms: readonly Alarm[], fix: Fix): readonly Need[] {
  const said = alarms.filter(({ kind }) => kind !== 'run-failed' && kind !== 'rpo-missed');
  if (said.length > mostNamed)
    return [
      {
        id: '@alarms',
        kind: 'alarm',
        tone: said.some(({ severity }) => severity === 'critical') ? 'bad' : 'risk',
        what: formatNumbered(said.length, 'alarm'),
        why: 'are up',
        fix: fix('alarm.list', {}),
      },
    ];
  return said.map(({ key, severity, title }) => ({
    id: `@alarm ${key}`,
    kind: 'alarm',
    tone: severity === 'critical' ? 'bad' : 'risk',
    what: key,
    why: title,
    fix: fix('alarm.list', {}),
  }));
}

function approvalNeeds(waiting: number, fix: Fix): readonly Need[] {
  if (waiting === 0) return [];
  const what = formatNumbered(waiting, 'approval');
  return [
    {
      id: '@approvals',
      kind: 'approval',
      tone: 'risk',
      what,
      why: 'somebody waits for a yes or no',
      fix: fix('approval.list', {}),
    },
  ];
}

/** Where there are policies, a machine that none protects was forgotten, or should be named as one that needs none. */
function uncoveredNeeds(protection: readonly Protection[], hasPolicies: boolean, fix: Fix): readonly Need[] {
  if (!hasPolicies) return [];
  const bare = protection.filter(({ state, policies }) => state !== 'gone' && policies.length === 0);
  if (bare.length === 0) return [];
  const what = formatNumbered(bare.length, 'machine');
  return [
    {
      id: '@uncovered',
      kind: 'policy',
      tone: 'risk',
      what,
      why: 'no policy protects',
      fix: fix('overview.item', { item: '@uncovered' }),
    },
  ];
}

/** Without endpoint or target there is nothing to protect, or nowhere to. */
function setupNeeds({ endpoints, targets }: NeedFacts, fix: Fix): readonly Need[] {
  const needs: Need[] = [];
  const say = (what: string, why: string, command: string): void => {
    needs.push({ id: `@${command}`, kind: 'setup', tone: 'risk', what, why, fix: fix(command, {}) });
  };
  if (endpoints?.length === 0) say('no endpoint', 'no hypervisor is set up, so no machine is known', 'endpoint.add');
  if (targets?.length === 0) say('no target', 'there is nowhere to keep restore points', 'init');
  return needs;
}

const gravity: readonly Tone[] = ['bad', 'risk', 'active', 'quiet', 'good'];

export interface NeedFacts {
  readonly protection: readonly Protection[];
  readonly plugins: readonly PluginStatus[];
  /** `null` where the configuration cannot be read. */
  readonly endpoints: readonly string[] | null;
  readonly targets: readonly string[] | null;
  readonly checks: PastChecks;
  readonly alarms: readonly Alarm[];
  /** Approvals that wait for somebody. */
  readonly approvals: number;
  readonly hasPolicies: boolean;
}

/** All that needs somebody, the gravest first. */
export function needsOf(facts: NeedFacts, now: number, fix: Fix): readonly Need[] {
  const all = [
    ...setupNeeds(facts, fix),
    ...targetNeeds(facts.targets ?? [], facts.checks, fix),
    ...machineNeeds(facts.protection, now, fix),
    ...alarmNeeds(facts.alarms, fix),
    ...approvalNeeds(facts.approvals, fix),
    ...uncoveredNeeds(facts.protection, facts.hasPolicies, fix),
    ...pluginNeeds(facts.plugins, fix),
  ];
  return all.toSorted((a, b) => gravity.indexOf(a.tone) - gravity.indexOf(b.tone));
}
