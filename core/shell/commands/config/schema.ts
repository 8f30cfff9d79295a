import { assembleSchema } from '../../../config/schema/assemble.ts';
import type { ShellHandler } from '../../contract.ts';
import { plainData } from '../../view/build.ts';

/** The schema is for programs: what a person sees is the document itself. */
export const run: ShellHandler = async (site) => {
  const { known } = await site.configOptions();
  const schema = assembleSchema(known);
  const text = JSON.stringify(schema, null, 2);
  return { data: plainData(schema), view: { kind: 'markdown', title: '', text: `\`\`\`\n${text}\n\`\`\`` } };
};
