import type { JsonSchema } from '@holdfast/api';
import type { Desk } from '../../../../shell/desk/contract.ts';
import { fieldsOf } from '../reading.ts';

const nothing: JsonSchema = { type: 'object', properties: {} };

/** The schema of the settings of a hypervisor, target or technique, as its plugin describes them now. What cannot be asked for has none. */
export async function settingsSchema(desk: Desk, use: string): Promise<JsonSchema> {
  if (use === '') return nothing;
  try {
    const { signal } = new AbortController();
    const { data } = await desk.run('plugin.settings', { use }, { signal, ask: null });
    return fieldsOf(fieldsOf(data).schema);
  } catch {
    // Its plugin is gone or not trusted: the preview says so, with the remedy.
    return nothing;
  }
}
