import { HoldfastError, type View } from '@holdfast/api';
import { nearest } from '../../../config/nearest.ts';
import type { ShellHandler } from '../../contract.ts';
import { textOf } from '../../registry/argument-values.ts';
import { noCell, plainData, tableView, textCell } from '../../view/build.ts';

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const words = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));

/** Settings as a table: what each is, what it may be, and what it is when nobody says so. */
function settingsTable(title: string, schema: Readonly<Record<string, unknown>>): View {
  const properties = isRecord(schema.properties) ? Object.entries(schema.properties) : [];
  const required = Array.isArray(schema.required) ? schema.required : [];
  return tableView(
    title,
    [
      { key: 'key', title: 'setting', priority: 0 },
      { key: 'needed', title: 'needed', priority: 1 },
      { key: 'values', title: 'takes', priority: 1 },
      { key: 'fallback', title: 'default', priority: 1 },
      { key: 'about', title: 'what it is', priority: 0 },
    ],
    properties.map(([key, given]) => {
      const property = isRecord(given) ? given : {};
      const choices = Array.isArray(property.enum) ? property.enum.map(words).join(', ') : words(property.type ?? '');
      return {
        id: key,
        cells: {
          key: textCell(key),
          needed: required.includes(key) ? textCell('yes') : noCell,
          values: choices === '' ? noCell : textCell(choices),
          fallback: property.default === undefined ? noCell : textCell(words(property.default)),
          about: textCell(words(property.description ?? '')),
        },
      };
    }),
    'it has no settings',
  );
}

/** The settings of a hypervisor, target or technique: what a form asks for. */
export const run: ShellHandler = async (site, args) => {
  const use = textOf(args, 'use');
  const host = await site.host();
  const kinds = ['hypervisors', 'targets', 'techniques'] as const;
  const all = kinds.flatMap((kind) => host[kind]().map((one) => ({ kind, ...one })));
  const found = all.find(({ contribution }) => contribution.id === use);
  if (found === undefined) {
    const meant = nearest(
      use,
      all.map(({ contribution }) => contribution.id),
    );
    const list = '`holdfast plugin list` shows what there is';
    throw new HoldfastError('PLUGIN_NOT_FOUND', `no plugin contributes ${use}`, {
      remedy: meant === undefined ? list : `did you mean ${meant}? ${list}`,
      facts: { use },
    });
  }
  const { kind, plugin, contribution, settings } = found;
  return {
    data: { use, kind, plugin, title: contribution.title, schema: plainData(settings) },
    view: settingsTable(contribution.title, settings),
  };
};
