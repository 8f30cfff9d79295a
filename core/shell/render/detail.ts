import type { DetailView, FormView } from '@holdfast/api';
import { safeText } from '../../model/text/safe-text.ts';
import { displayWidth, padToWidth, wrapToWidth } from '../format/width.ts';
import { type CellText, cellTextInFull } from './cell.ts';
import { paint } from './paint.ts';
import type { TextStyle } from './text-style.ts';

function renderFields(fields: readonly (readonly [string, CellText])[], style: TextStyle): readonly string[] {
  const width = Math.max(0, ...fields.map(([title]) => displayWidth(title)));
  return fields.flatMap(([title, value]) => {
    const room = style.columns === null ? Number.MAX_SAFE_INTEGER : Math.max(20, style.columns - width - 4);
    const lines = wrapToWidth(value.text, room);
    return lines.map((line, index) => {
      const name = paint(padToWidth(index === 0 ? title : '', width), 'quiet', style);
      return `  ${name}  ${value.tone === null ? line : paint(line, value.tone, style)}`.trimEnd();
    });
  });
}

/** One thing as lines: a field each, values aligned. */
export function renderDetail(view: DetailView, style: TextStyle): readonly string[] {
  const fields = view.fields.map((field) => [safeText(field.title), cellTextInFull(field.value, style)] as const);
  return renderFields(fields, style);
}

/** A form as it stands: its values, and the command that takes them. */
export function renderForm(view: FormView, style: TextStyle): readonly string[] {
  const properties = view.schema.properties;
  const keys = typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
  const fields = [...new Set([...keys, ...Object.keys(view.values)])].map((key) => {
    const value = view.values[key];
    const text = value === undefined ? '–' : typeof value === 'string' ? value : (JSON.stringify(value) ?? '–');
    return [safeText(key), { text: safeText(text), tone: null }] as const;
  });
  return [...renderFields(fields, style), `  holdfast ${safeText(view.command.replaceAll('.', ' '))}`];
}
