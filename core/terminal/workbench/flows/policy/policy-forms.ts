import type { Plain } from '@holdfast/api';
import type { ShellCommand } from '../../../../shell/contract.ts';
import { valuesOfSet } from '../compose/workflow.ts';
import { type Fields, fieldsOf, wordOf, wordsOf } from '../reading.ts';
import type { SettingField } from '../settings/flatten.ts';
import { keepsOf, type PolicyBase, whenOf } from './base.ts';

/** What a form asks for, and what stands in it at first. */
export interface Asked {
  readonly schema: Fields;
  readonly values: Fields;
}

const form = (properties: Fields, values: Fields, required: readonly string[] = []): Asked => ({
  schema: { type: 'object', properties, required: [...required] },
  values,
});

/** Arguments of a command as fields, some with another name for people. */
function fieldsFrom(command: ShellCommand, names: Readonly<Record<string, string>>): Fields {
  const own = fieldsOf(command.args.properties);
  return Object.fromEntries(Object.entries(names).map(([name, title]) => [name, { ...fieldsOf(own[name]), title }]));
}

const pick = (words: Fields, names: readonly string[]): Fields =>
  Object.fromEntries(names.map((name) => [name, words[name]]));

export function headForm(command: ShellCommand, { words }: PolicyBase, given: Fields): Asked {
  const names = { policy: 'name', template: 'template', title: 'title', paused: 'paused' };
  return form(
    fieldsFrom(command, names),
    { ...pick(words, ['title', 'paused']), ...pick(given, ['policy', 'template']) },
    ['policy'],
  );
}

export function machinesForm(command: ShellCommand, { words }: PolicyBase): Asked {
  const names = { endpoint: 'endpoints', name: 'names', tag: 'tags', folder: 'folders', except: 'except' };
  return form(fieldsFrom(command, names), pick(words, Object.keys(names)));
}

/** A setting as its field holds it: words of a file are texts. */
function typedAs(schema: Fields, word: string): Plain {
  if (schema.type === 'boolean') return word === 'true';
  if ((schema.type === 'integer' || schema.type === 'number') && word !== '' && !Number.isNaN(Number(word))) {
    return Number(word);
  }
  return schema.type === 'array' ? word.split(',') : word;
}

/** The workflow that is meant, where it goes, and the settings of its steps. */
export function workForm(
  command: ShellCommand,
  { words, meant }: PolicyBase,
  settings: readonly SettingField[],
): Asked {
  const set = valuesOfSet(wordsOf(words.set));
  const named = settings.filter(({ name }) => Object.hasOwn(set, name));
  return form(
    {
      ...fieldsFrom(command, { workflow: 'workflow', to: 'target' }),
      ...Object.fromEntries(
        settings.map(({ name, schema }) => [
          name,
          schema.format === 'target-name' ? { ...schema, 'x-completes': 'target' } : schema,
        ]),
      ),
    },
    {
      workflow: wordOf(words.workflow) || meant,
      to: words.to,
      ...Object.fromEntries(named.map(({ name, schema }) => [name, typedAs(schema, wordOf(set[name]))])),
    },
  );
}

export function timesForm(command: ShellCommand, { words }: PolicyBase): Asked {
  const when = {
    type: 'string',
    title: 'when',
    description: 'every 4h, weekdays 22:00, first Sat 20:00, 0 2 * * *; empty: only when somebody asks',
  };
  const names = { rpo: 'RPO', rto: 'RTO', window: 'windows', jitter: 'jitter' };
  return form({ when, ...fieldsFrom(command, names) }, { when: whenOf(words), ...pick(words, Object.keys(names)) });
}

/** A rule for each target that something is written to or that the policy names. */
export function keepForm({ words }: PolicyBase, targets: readonly string[]): Asked {
  const before = keepsOf(words);
  const all = [...new Set([...targets, ...before.keys()])].filter((target) => target !== '');
  const field = (target: string): Fields => ({
    type: 'string',
    title: target,
    description: "daily=14,weekly=8,monthly=12; everything; empty: the configuration's rule",
  });
  return form(
    Object.fromEntries(all.map((target) => [`keep.${target}`, field(target)])),
    Object.fromEntries(all.map((target) => [`keep.${target}`, before.get(target)])),
  );
}
