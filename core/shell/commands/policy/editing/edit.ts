import { type Call, type CommandResult, HoldfastError, isHoldfastError, type Plain } from '@holdfast/api';
import { changeFile } from '../../../../config/change-file.ts';
import { setPolicyInText } from '../../../../config/policies/edit.ts';
import { readPolicies } from '../../../../config/policies/read.ts';
import { renderValue } from '../../../../config/policies/written.ts';
import type { PolicyPlan, WantedPolicies } from '../../../../engine/policies/contract.ts';
import { systemZone } from '../../../../model/retention/calendar.ts';
import type { ShellHandler, Site } from '../../../contract.ts';
import { formatNumbered } from '../../../format/numbers.ts';
import { shortId } from '../../../lookup/names.ts';
import { type Arguments, isSet } from '../../../registry/argument-values.ts';
import { confirmChange } from '../../../registry/confirm.ts';
import type { Undo } from '../../../setup/undo-removal.ts';
import { plainData } from '../../../view/build.ts';
import { editView } from './edit-view.ts';
import { diffLines } from './line-diff.ts';
import { type PolicyFile, policyIn } from './policy-file.ts';
import { checkPolicy, type Raw } from './raw-policy.ts';

/** A change of one policy in a file. */
export interface PolicyEdit {
  readonly from: PolicyFile;
  readonly name: string;
  /** `null` takes it out. */
  readonly to: Raw | null;
  /** What else a front may want to know. */
  readonly told?: Readonly<Record<string, Plain>>;
}

/** The text with the change, read back and found valid. @throws `POLICY_INVALID` with all its problems. */
function wantedBy({ from, name, to }: PolicyEdit): WantedPolicies {
  if (to !== null) checkPolicy(name, to, from.set.zone);
  // A file that begins says what its times mean.
  const text = setPolicyInText(from.text ?? `zone: ${systemZone()}\n`, name, to ?? undefined);
  return readPolicies(text, from.file);
}

/** Writes the text in the place of what was read. @throws `CONFIG_CHANGED` when the file is another by now. */
async function write({ file, text: before }: PolicyFile, after: string): Promise<void> {
  await changeFile(file, {
    isMade: true,
    to: (text, path) => {
      if (text === before) return after;
      throw new HoldfastError('CONFIG_CHANGED', `${path} was changed meanwhile`, {
        remedy: 'look at what changed, then run it again',
        facts: { file: path },
      });
    },
  });
}

/** What takes the change back. */
function undoOf({ from, name }: PolicyEdit, isApplied: boolean): Undo {
  const more = { file: from.file, ...(isApplied ? { apply: true } : {}), yes: true };
  const old = policyIn(from, name);
  if (old === null) return { command: 'policy.remove', args: { policy: name, ...more } };
  return { command: 'policy.set', args: { policy: name, yaml: renderValue(old, 2), ...more } };
}

const mostNamed = 5;

/** What applying does beyond the file, for the question: points that would expire are named. */
export function consequenceOf({ changes, expires }: PolicyPlan): string {
  const words = { add: 'adds', change: 'changes', remove: 'removes' } as const;
  const said = (['add', 'change', 'remove'] as const).flatMap((kind) => {
    const names = changes.filter((change) => change.kind === kind).map(({ policy }) => policy);
    return names.length === 0 ? [] : [`${words[kind]} ${names.join(', ')}`];
  });
  const changed = said.length === 0 ? 'changes no policy in force' : said.join(', ');
  if (expires.length === 0) return `${changed}; no restore point expires by it`;
  const named = expires.slice(0, mostNamed).map(({ machineName, point }) => `${machineName} ${shortId(point)}`);
  const more = expires.length > mostNamed ? `, … and ${expires.length - mostNamed} more` : '';
  const count = formatNumbered(expires.length, 'restore point');
  return `${changed}; ${count} would expire at the next run of its machine: ${named.join(', ')}${more}`;
}

/** @throws `POLICY_REFUSED` with the arithmetic, before anything is written. */
function refuseUnkept({ refusals }: PolicyPlan): void {
  const [first] = refusals;
  if (first === undefined) return;
  const where = first.workflow === null ? first.policy : `${first.policy}/${first.workflow}`;
  throw new HoldfastError('POLICY_REFUSED', `${where}: ${first.what}: ${first.arithmetic.join('; ')}`, {
    remedy: `${first.remedy}; without --apply it is written all the same`,
    facts: { refusals: refusals.length },
  });
}

async function apply(
  site: Site,
  wanted: WantedPolicies,
  plan: PolicyPlan,
  call: Call,
): Promise<CommandResult['failure']> {
  try {
    await (await site.engine()).policies.apply(wanted, plan, call);
    return undefined;
  } catch (problem) {
    if (!isHoldfastError(problem)) throw problem;
    const { code, message, remedy } = problem;
    return {
      code: code as NonNullable<CommandResult['failure']>['code'],
      message: `${wanted.source} is written, but not in force: ${message}`,
      ...(remedy === undefined ? {} : { remedy }),
    };
  }
}

/** Shows a change of a policy, asks, writes it down, and puts it in force where that is wanted. */
export async function finishEdit(site: Site, args: Arguments, call: Call, edit: PolicyEdit): ReturnType<ShellHandler> {
  const { from, name, told = {} } = edit;
  const wanted = wantedBy(edit);
  const plan = await (await site.engine()).policies.plan(wanted, call);
  const lines = diffLines(from.text ?? '', wanted.text);
  const isApplied = isSet(args, 'apply');
  const data = {
    policy: name,
    file: from.file,
    isNew: policyIn(from, name) === null,
    changed: lines.length > 0,
    diff: plainData(lines),
    plan: plainData(plan),
    ...told,
  };
  const answer = (state: 'planned' | 'written' | 'applied') => editView({ file: from.file, name, lines, plan, state });
  if (isSet(args, 'dryRun')) return { data: { dryRun: true, ...data }, view: answer('planned') };
  if (isApplied) refuseUnkept(plan);
  const writes = lines.length === 0 ? `leaves ${from.file} as it is` : `writes policy ${name} to ${from.file}`;
  const takes = edit.to === null ? `takes policy ${name} out of ${from.file}` : writes;
  await confirmChange(site, args, isApplied ? `${takes} and puts it in force: ${consequenceOf(plan)}` : takes);
  if (lines.length > 0) await write(from, wanted.text);
  const failure = isApplied ? await apply(site, wanted, plan, call) : undefined;
  const undo = lines.length === 0 ? {} : { undo: undoOf(edit, isApplied && failure === undefined) };
  return {
    data: { ...data, applied: isApplied && failure === undefined, ...undo },
    view: answer(isApplied && failure === undefined ? 'applied' : 'written'),
    ...(failure === undefined ? {} : { failure }),
  };
}
