import type { Plain } from '@holdfast/api';
import type { ShellCommand } from '../../../../shell/contract.ts';
import type { Choice } from '../../../../shell/desk/contract.ts';
import { FormWidget } from '../../../widgets/dialogue/form/form-widget.ts';
import type { Bench } from '../../contract.ts';
import { Workflow } from '../compose/workflow.ts';
import { type Fields, fieldsOf, wordOf, wordsOf } from '../reading.ts';
import { noBase, type PolicyBase } from './base.ts';
import { policyArgs, type TypedPolicy, usualSteps } from './policy-args.ts';
import { type Asked, headForm, keepForm, machinesForm, timesForm, workForm } from './policy-forms.ts';
import type { SectionId } from './sections.ts';

/** The forms of the page: one a section, that of the steps for what stands below them. */
export type FormId = Exclude<SectionId, 'steps'> | 'work';

/** What fields ask of the page. */
export interface FieldsParts {
  readonly bench: Bench;
  readonly command: ShellCommand;
  /** Field by field, as it was given when the page was opened. */
  readonly given: Fields;
  onChange(id: FormId): void;
  onSubmit(): void;
}

/** All that is asked for: forms and steps, what they are begun from, and what they mean as arguments. */
export class PolicyFields {
  readonly workflow: Workflow;
  /** What the policy is begun from, as far as it is known. */
  base: PolicyBase = noBase;
  /** Whether a person chose the steps: then another beginning leaves them alone. */
  areStepsTyped: boolean;
  readonly #parts: FieldsParts;
  readonly #forms: Readonly<Record<FormId, FormWidget>>;
  #names: Partial<Record<FormId, readonly string[]>> = {};
  /** What each form was set to last: it is only made anew for something else. */
  #shapes: Partial<Record<FormId, string>> = {};
  #stepFields = '';

  constructor(parts: FieldsParts) {
    this.#parts = parts;
    const { bench, command, given } = parts;
    const form = (id: FormId): FormWidget =>
      new FormWidget({
        invalidate: () => bench.invalidate(),
        choices: (name) => this.#choices(name),
        onChange: () => parts.onChange(id),
        onSubmit: () => parts.onSubmit(),
      });
    this.#forms = {
      policy: form('policy'),
      machines: form('machines'),
      work: form('work'),
      times: form('times'),
      keep: form('keep'),
    };
    const uses = wordsOf(given.steps);
    this.areStepsTyped = uses.length > 0;
    const steps = uses.length === 0 ? usualSteps : uses;
    this.workflow = new Workflow(bench.desk, [], steps, () => this.#reshaped(), command.id);
  }

  form(id: FormId): FormWidget {
    return this.#forms[id];
  }

  /** Names of the fields of a form, in their order. */
  names(id: FormId): readonly string[] {
    return this.#names[id] ?? [];
  }

  get steps(): readonly string[] {
    return this.workflow.steps.map(({ use }) => use);
  }

  get typed(): TypedPolicy {
    const { file } = this.#parts.given;
    return {
      head: { ...this.#forms.policy.values, ...(wordOf(file) === '' ? {} : { file }) },
      machines: this.#forms.machines.values,
      work: this.#forms.work.values,
      steps: this.steps,
      settings: this.workflow.fields,
      times: this.#forms.times.values,
      keep: this.#forms.keep.values,
    };
  }

  /** What `policy set` would be given. */
  get args(): Fields {
    return policyArgs(this.base, this.typed, this.names('keep'));
  }

  /** What decides what the policy is begun from: its name, a template, the workflow that is meant. */
  get beginning(): Fields {
    const { policy, template } = this.#forms.policy.values;
    const { workflow, to } = this.#forms.work.values;
    const { file } = this.#parts.given;
    const isNamed = wordOf(workflow) !== '' && wordOf(workflow) !== this.base.meant;
    const said = (name: string, value: Plain): Fields => (wordOf(value) === '' ? {} : { [name]: value });
    return {
      ...said('policy', policy),
      ...said('template', template),
      ...(wordOf(template) === '' ? {} : said('to', to)),
      ...(isNamed ? { workflow } : {}),
      ...said('file', file),
    };
  }

  /** What there is stands in the fields; what was given goes before that, and what was typed before both. */
  begin(base: PolicyBase): void {
    const { command, given } = this.#parts;
    this.base = base;
    const steps = wordsOf(base.words.steps);
    if (!this.areStepsTyped) this.workflow.become(steps.length === 0 ? usualSteps : steps);
    this.#set('policy', headForm(command, base, given), {});
    this.#set('machines', machinesForm(command, base), given);
    this.#set('times', timesForm(command, base), given);
    this.#setWork();
    this.setKeep();
  }

  /** Which targets are written to may have changed. */
  setKeep(): void {
    const { values } = this.#forms.work;
    const others = this.workflow.fields.filter(({ schema }) => schema.format === 'target-name');
    const targets = [wordOf(values.to), ...others.map(({ name }) => wordOf(values[name]))];
    this.#set('keep', keepForm(this.base, targets), this.#parts.given);
  }

  focusEnd(id: FormId, end: 'first' | 'last'): void {
    const name = this.names(id).at(end === 'first' ? 0 : -1);
    if (name !== undefined) this.#forms[id].focus(name);
  }

  /** Only one form has the cursor; `null` for none of them. */
  leaveAllBut(id: FormId | null): void {
    for (const [name, form] of Object.entries(this.#forms)) if (name !== id) form.leave();
  }

  refreshChoices(): void {
    void this.workflow.check();
    for (const form of Object.values(this.#forms)) form.refreshChoices();
  }

  close(): void {
    this.workflow.close();
  }

  #set(id: FormId, { schema, values }: Asked, given: Fields): void {
    const properties = fieldsOf(schema.properties);
    const own = Object.entries(given).filter(([name]) => Object.hasOwn(properties, name));
    const all = { ...values, ...Object.fromEntries(own) };
    const shape = JSON.stringify([schema, all]);
    if (shape === this.#shapes[id]) return;
    this.#shapes = { ...this.#shapes, [id]: shape };
    this.#names = { ...this.#names, [id]: Object.keys(properties) };
    this.#forms[id].set(schema, all);
  }

  #setWork(): void {
    const { command, given } = this.#parts;
    const { fields } = this.workflow;
    this.#stepFields = JSON.stringify(fields.map(({ name, schema }) => [name, schema]));
    this.#set('work', workForm(command, this.base, fields), { ...given, ...fieldsOf(given.settings) });
  }

  /** Steps came, went or have other settings now: what was typed stays. */
  #reshaped(): void {
    const fields = JSON.stringify(this.workflow.fields.map(({ name, schema }) => [name, schema]));
    if (fields !== this.#stepFields) this.#setWork();
    this.#parts.onChange('work');
  }

  async #choices(name: string): Promise<readonly Choice[]> {
    const { bench, command } = this.#parts;
    const field = this.workflow.fields.find((one) => one.name === name);
    const isTarget = field?.schema.format === 'target-name';
    if ((field !== undefined && !isTarget) || name === 'when' || name.startsWith('keep.')) return [];
    return bench.desk.choices(command.id, isTarget ? 'to' : name, { ...this.args, steps: [...this.steps] });
  }
}
