import type { View } from '@holdfast/api';
import type { PolicyPlan } from '../../../../engine/policies/contract.ts';
import { detailView, stackView, stateCell, textCell, textView } from '../../../view/build.ts';
import { policyPlanView } from '../../../view/policy-plan.ts';
import type { DiffLine } from './line-diff.ts';

const signs = { same: '  ', added: '+ ', removed: '- ' } as const;
const mostLines = 500;

/** Lines that went and came, as they stand in the file. */
export function diffView(file: string, lines: readonly DiffLine[]): View {
  if (lines.length === 0) return textView('File', `${file} stays as it is`);
  const shown = lines.slice(0, mostLines).map(({ kind, text }) => `${signs[kind]}${text}`.trimEnd());
  const more = lines.length > mostLines ? [`… and ${lines.length - mostLines} more lines`] : [];
  return textView(`Change of ${file}`, ['```', ...shown, ...more, '```'].join('\n'));
}

/** What became of the file and the policies in force, or what would. */
export function editView(edit: {
  readonly file: string;
  readonly name: string;
  readonly lines: readonly DiffLine[];
  readonly plan: PolicyPlan;
  readonly state: 'planned' | 'written' | 'applied';
}): View {
  const { file, name, lines, plan, state } = edit;
  const diff = diffView(file, lines);
  if (state === 'planned') return stackView('', [policyPlanView(plan), diff]);
  const told = state === 'applied' ? stateCell('in force', 'good') : stateCell('written, not in force', 'risk');
  const next = state === 'applied' ? [] : [['next', 'Next', textCell(`holdfast apply -f ${file}`)] as const];
  const head = detailView(`Policy ${name}`, [['state', 'State', told], ['file', 'File', textCell(file)], ...next]);
  return stackView('', [head, diff]);
}
