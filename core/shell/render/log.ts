import type { LogView, Tone } from '@holdfast/api';
import { safeText } from '../../model/text/safe-text.ts';
import { formatMoment } from '../format/times.ts';
import { own } from './own.ts';
import { paint } from './paint.ts';
import type { TextStyle } from './text-style.ts';

const tones: Readonly<Record<LogView['lines'][number]['level'], Tone | null>> = {
  debug: 'quiet',
  info: null,
  warn: 'risk',
  error: 'bad',
};

/** Log lines: time, level where it is not the usual one, text. */
export function renderLog(view: LogView, style: TextStyle): readonly string[] {
  return view.lines.map(({ at, level, text }) => {
    const moment = formatMoment(at);
    const time = style.now === null ? moment : moment.slice(11, 19);
    const tone = own(tones, level) ?? null;
    const line = safeText(level === 'info' ? text : `${level}: ${text}`);
    return `${paint(time, 'quiet', style)}  ${tone === null ? line : paint(line, tone, style)}`;
  });
}
