import { HoldfastError, type Plain } from '@holdfast/api';
import { nearest } from '../../config/nearest.ts';
import type { Site } from '../contract.ts';

type Schema = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const propertiesOf = (schema: Schema): Schema => (isRecord(schema.properties) ? schema.properties : {});

/** The setting that `--path` fills: kinds call it so or so. `null` when the kind takes no folder. */
export const folderSetting = (schema: Schema): string | null =>
  ['path', 'folder'].find((key) => key in propertiesOf(schema)) ?? null;

/** A written value as the schema wants it: number, yes or no, list, or text as it stands. What does not fit stays text and fails its check. */
export function settingValue(schema: Schema, key: string, written: string): Plain {
  const property = propertiesOf(schema)[key];
  const type = isRecord(property) ? property.type : undefined;
  if ((type === 'integer' || type === 'number') && /^-?\d{1,15}(\.\d+)?$/.test(written)) return Number(written);
  if (type === 'boolean' && /^(true|false)$/.test(written)) return written === 'true';
  if (type === 'array') return written.split(',').filter((item) => item !== '');
  return written;
}

/** Reads `KEY=VALUE` words. @throws `USAGE` for a word without `=` and for a key that the schema does not know, with the nearest one. */
export function readSettings(words: readonly string[], schema: Schema, use: string): Record<string, Plain> {
  const settings: Record<string, Plain> = {};
  const known = Object.keys(propertiesOf(schema));
  for (const word of words) {
    const at = word.indexOf('=');
    if (at < 1) throw new HoldfastError('USAGE', `--set ${word} is not written as KEY=VALUE`);
    const key = word.slice(0, at);
    if (known.length > 0 && !known.includes(key)) {
      const meant = nearest(key, known);
      throw new HoldfastError('USAGE', `${use} has no setting ${key}`, {
        remedy: meant === undefined ? `it has: ${known.join(', ')}` : `did you mean \`--set ${meant}=…\`?`,
      });
    }
    settings[key] = settingValue(schema, key, word.slice(at + 1));
  }
  return settings;
}

/** Asks for settings that the schema requires and that are absent. @throws `ANSWER_MISSING` naming the flag when nobody is there. */
export async function completeSettings(
  settings: Readonly<Record<string, Plain>>,
  schema: Schema,
  use: string,
  site: Site,
): Promise<Record<string, Plain>> {
  const complete = { ...settings };
  const required = Array.isArray(schema.required) ? schema.required.map(String) : [];
  for (const key of required) {
    if (complete[key] !== undefined) continue;
    const property = propertiesOf(schema)[key];
    const about = isRecord(property) && typeof property.description === 'string' ? property.description : key;
    const flag = key === folderSetting(schema) ? '--path FOLDER' : `--set ${key}=VALUE`;
    if (site.ask === null) {
      throw new HoldfastError('ANSWER_MISSING', `${use} needs ${key}: ${about}`, { remedy: `add \`${flag}\`` });
    }
    const answer = (await site.ask.text(about)).trim();
    if (answer === '') throw new HoldfastError('ANSWER_MISSING', `${use} needs ${key}`, { remedy: `add \`${flag}\`` });
    complete[key] = settingValue(schema, key, answer);
  }
  return complete;
}
