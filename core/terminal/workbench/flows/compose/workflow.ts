import type { Plain } from '@holdfast/api';
import type { Choice, Desk } from '../../../../shell/desk/contract.ts';
import { choiceDetail } from '../choice-title.ts';
import { type Fields, fieldsOf } from '../reading.ts';
import { isMeant, type SettingField, settingFields, settingWord } from '../settings/flatten.ts';
import { settingsSchema } from '../settings/schema-of.ts';

/** A step of the workflow that is composed. */
export interface ComposedStep {
  readonly use: string;
  readonly title: string;
  /** Why it does not fit where it stands; `null` when it does. */
  readonly refused: string | null;
}

/** A step that lacks nothing but a setting can be added: the setting is asked for once it is there. */
const lacksSetting = /^it needs a setting first/;
/** A plugin that offers more than a person can read is shown in part. */
const mostOffers = 64;

/**
 * What is being composed: machines and steps, checked anew against what the plugins offer right now whenever either changes. Which step fits
 * after which is for the shell to say; this only remembers what it said.
 */
export class Workflow {
  readonly #desk: Desk;
  readonly #command: string;
  readonly #onChange: () => void;
  #machines: readonly string[];
  #uses: readonly string[];
  /** Target and settings that are chosen: what fits depends on them too. */
  #values: Fields = {};
  #steps: readonly ComposedStep[] = [];
  #offers: readonly Choice[] = [];
  #fields: readonly SettingField[] = [];
  #turn = 0;
  #isClosed = false;

  /** @param command Whose steps these are: its choices say what fits. */
  constructor(
    desk: Desk,
    machines: readonly string[],
    uses: readonly string[],
    onChange: () => void,
    command = 'protect',
  ) {
    this.#desk = desk;
    this.#command = command;
    this.#machines = machines;
    this.#uses = uses;
    this.#onChange = onChange;
    this.#steps = uses.map((use) => ({ use, title: '', refused: null }));
    void this.check();
  }

  get machines(): readonly string[] {
    return this.#machines;
  }

  get steps(): readonly ComposedStep[] {
    return this.#steps;
  }

  /** What may come next, and what may not with the reason. */
  get offers(): readonly Choice[] {
    return this.#offers;
  }

  /** Settings of the steps as fields of a form: `snapshot.quiesce`. */
  get fields(): readonly SettingField[] {
    return this.#fields;
  }

  /** The first step that does not fit; `null` when all do. */
  get misfit(): ComposedStep | null {
    return this.#steps.find(({ refused }) => refused !== null) ?? null;
  }

  toggleMachine(name: string): void {
    const has = this.#machines.includes(name);
    this.#machines = has ? this.#machines.filter((one) => one !== name) : [...this.#machines, name];
    this.#changed();
  }

  /** Becomes another workflow; the same steps change nothing. */
  become(uses: readonly string[]): void {
    if (JSON.stringify(uses) !== JSON.stringify(this.#uses)) this.#change(uses);
  }

  add(use: string): void {
    this.#change([...this.#uses, use]);
  }

  remove(index: number): void {
    this.#change(this.#uses.filter((_, at) => at !== index));
  }

  /** Moves a step by so many places; answers where it is then. */
  move(index: number, by: -1 | 1): number {
    const to = index + by;
    const step = this.#uses[index];
    const other = this.#uses[to];
    if (step === undefined || other === undefined) return index;
    this.#change(this.#uses.with(index, other).with(to, step));
    return to;
  }

  /** Takes note of what is typed below the steps, and asks again what fits when that matters. */
  settle(values: Fields): void {
    const before = JSON.stringify([this.#values.to, this.args(this.#values).set]);
    this.#values = values;
    if (JSON.stringify([values.to, this.args(values).set]) !== before) void this.check();
  }

  /** The steps and their settings as the command takes them. */
  args(values: Fields): Fields {
    const set = this.#fields
      .filter(({ name, fallback }) => isMeant(values[name], fallback))
      .map(({ name }) => `${name}=${settingWord(values[name])}`);
    return { machines: [...this.#machines], steps: [...this.#uses], set };
  }

  /** Asks again what is offered and what fits, for example because a plugin came or went. The answer to the last question counts. */
  async check(): Promise<void> {
    this.#turn += 1;
    const turn = this.#turn;
    const uses = this.#uses;
    const { to } = this.#values;
    const { set = [] } = this.args(this.#values);
    const more = to === undefined || to === '' ? { set } : { set, to };
    const given = (steps: readonly string[]): Fields => ({ machines: [...this.#machines], steps: [...steps], ...more });
    const ask = (steps: readonly string[]) => this.#desk.choices(this.#command, 'steps', given(steps)).catch(() => []);
    const places = await Promise.all([...uses, null].map((_, index) => ask(uses.slice(0, index))));
    const fields = await this.#fieldsOf(uses);
    if (turn !== this.#turn || this.#isClosed) return;
    this.#steps = uses.map((use, index) => {
      const choice = places[index]?.find(({ value }) => value === use);
      const refused = choice === undefined ? `no plugin offers ${use} now` : choice.refused;
      return { use, title: choice === undefined ? '' : choiceDetail(choice), refused };
    });
    this.#offers = (places.at(-1) ?? [])
      .slice(0, mostOffers)
      .map((offer) =>
        offer.refused !== null && lacksSetting.test(offer.refused) ? { ...offer, refused: null } : offer,
      );
    this.#fields = fields;
    this.#onChange();
  }

  close(): void {
    this.#isClosed = true;
  }

  async #fieldsOf(uses: readonly string[]): Promise<readonly SettingField[]> {
    const different = [...new Set(uses)];
    const schemas = await Promise.all(different.map((use) => settingsSchema(this.#desk, use)));
    let hasTarget = false;
    return different.flatMap((use, index) =>
      settingFields(schemas[index] ?? {}, use, (key) => `${use} ${key}`).filter(({ schema }) => {
        // The first step that stores something does so on the target of the whole; only later ones may be told another.
        const isTarget = schema.format === 'target-name';
        const isShown = !isTarget || hasTarget;
        hasTarget ||= isTarget;
        return isShown;
      }),
    );
  }

  #change(uses: readonly string[]): void {
    this.#uses = uses;
    this.#steps = uses.map((use, index) => {
      const known = this.#steps.find((step) => step.use === use);
      return {
        use,
        title: known?.title ?? '',
        refused: this.#steps[index]?.use === use ? (known?.refused ?? null) : null,
      };
    });
    this.#changed();
  }

  #changed(): void {
    this.#onChange();
    void this.check();
  }
}

/** Words like `snapshot.quiesce=filesystem` as values of the form. */
export function valuesOfSet(words: readonly string[]): Record<string, Plain> {
  return Object.fromEntries(words.map((word) => [word.split('=', 1)[0] ?? '', word.slice(word.indexOf('=') + 1)]));
}

/** What the form below the steps asks for: the target of the whole, and the settings of the steps. */
export function settingsForm(target: unknown, fields: readonly SettingField[]): Fields {
  const isTarget = (schema: Fields): boolean => schema.format === 'target-name';
  return {
    type: 'object',
    properties: {
      to: { ...fieldsOf(target), title: 'target', description: 'where restore points go' },
      ...Object.fromEntries(
        fields.map(({ name, schema }) => [name, isTarget(schema) ? { ...schema, 'x-completes': 'target' } : schema]),
      ),
    },
    // A setting that its step requires has a default or is asked for by the plan, which says what is missing.
    required: [],
  };
}
