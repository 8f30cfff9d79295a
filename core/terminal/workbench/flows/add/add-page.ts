import type { JsonSchema, Plain } from '@holdfast/api';
import type { ShellCommand } from '../../../../shell/contract.ts';
import type { Bench, Page } from '../../contract.ts';
import { formId } from '../command-page.ts';
import { FormPage } from '../form/form-page.ts';
import { type Fields, fieldsOf, wordOf, wordsOf } from '../reading.ts';
import { isMeant, type SettingField, settingFields, settingWord } from '../settings/flatten.ts';
import { settingsSchema } from '../settings/schema-of.ts';

const abouts: Readonly<Record<string, string>> = {
  'endpoint.add': 'It is checked first, and written into the configuration only when it answers.',
  'target.add': 'A repository is made on it, or the one that is there is taken when the passphrase opens it.',
  init: 'The first place for restore points. Keep the recovery words: they open it when all else is lost.',
};
const titles: Readonly<Record<string, string>> = {
  'endpoint.add': 'Add a hypervisor',
  'target.add': 'Add a target',
  init: 'Set up the first target',
};
/** Arguments that the settings of the kind stand for. */
const replaced = ['use', 'set', 'path'];

/** What the form asks for once the kind is known: name, kind, its settings, then the rest. */
function schemaFor(command: ShellCommand, settings: readonly SettingField[]): JsonSchema {
  const own = Object.entries(fieldsOf(command.args.properties)).filter(([name]) => !replaced.includes(name));
  const [first, ...rest] = own;
  const use = fieldsOf(fieldsOf(command.args.properties).use);
  return {
    type: 'object',
    properties: Object.fromEntries([
      ...(first === undefined ? [] : [first]),
      ['use', { ...use, title: 'kind', 'x-completes': 'kind' }],
      ...settings.map(({ name, schema }) => [name, schema] as const),
      ...rest,
    ]),
    required: [
      ...wordsOf(command.args.required),
      'use',
      ...settings.filter(({ isRequired }) => isRequired).map(({ name }) => name),
    ],
  };
}

/** What was typed, as the command takes it: settings as `KEY=VALUE`. */
function argsFor(settings: readonly SettingField[], values: Fields): Fields {
  const args: Record<string, Plain> = {};
  for (const [name, value] of Object.entries(values)) if (!name.startsWith('set.')) args[name] = value;
  args.set = settings
    .filter(({ name, fallback }) => isMeant(values[name], fallback))
    .map(({ name, key }) => `${key}=${settingWord(values[name])}`);
  return args;
}

/** Given words like `path=/srv` as values of the form. */
function valuesFrom(given: Fields): Fields {
  const { set, path, ...rest } = given;
  const settings = wordsOf(set).map((word) => [`set.${word.split('=', 1)[0]}`, word.slice(word.indexOf('=') + 1)]);
  return { ...rest, ...(path === undefined ? {} : { 'set.path': path }), ...Object.fromEntries(settings) };
}

/** Something new of a kind that a plugin contributes: the kind is chosen first, then its settings are asked for. */
export function addPage(bench: Bench, command: ShellCommand, given: Fields = {}): Page {
  let settings: readonly SettingField[] = [];
  let shownUse: string | null = null;
  /** The kind came by itself, and nobody is in its field. */
  let isChosenAlone = false;
  const onValues = (values: Fields, page: FormPage): void => {
    const use = wordOf(values.use);
    if (use === shownUse) return;
    shownUse = use;
    void settingsSchema(bench.desk, use).then((schema) => {
      if (shownUse !== use) return;
      settings = settingFields(schema, 'set', (key) => key);
      page.reshape(schemaFor(command, settings), { ...start, ...page.values });
      if (isChosenAlone) page.focusOpen();
      isChosenAlone = false;
    });
  };
  const start = valuesFrom(given);
  const page = new FormPage(bench, {
    id: formId(command.id, given),
    command,
    given: start,
    title: titles[command.id] ?? command.title,
    ...(abouts[command.id] === undefined ? {} : { about: abouts[command.id] ?? '' }),
    schema: schemaFor(command, []),
    argsOf: (values) => argsFor(settings, values),
    choices: async (name, values) =>
      name.startsWith('set.') ? [] : bench.desk.choices(command.id, name, argsFor(settings, values)),
    onValues,
    verb: 'Add it',
  });
  if (wordOf(given.use) === '') {
    void onlyKind(bench, command).then((use) => {
      if (use === null || wordOf(page.values.use) !== '') return;
      isChosenAlone = true;
      page.reshape(schemaFor(command, []), { ...page.values, use });
    });
  }
  return page;
}

/** Where there is one kind only nobody has to choose it. */
async function onlyKind(bench: Bench, command: ShellCommand): Promise<string | null> {
  const kinds = await bench.desk.choices(command.id, 'use', {}).catch(() => []);
  const [only, second] = kinds.filter(({ refused }) => refused === null);
  return only === undefined || second !== undefined ? null : only.value;
}

/** Adds a hypervisor: its kind, its settings, what its check finds, then it is written down. */
export const addEndpointPage = addPage;
/** Adds a target; `init` is the first one. */
export const addTargetPage = addPage;
