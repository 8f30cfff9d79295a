import { expose } from '../../../model/metrics/expose.ts';
import type { ShellHandler } from '../../contract.ts';
import { plainData } from '../../view/build.ts';
import { metricsOf } from './collect.ts';

/** For programs: what a person sees is the document itself. */
export const run: ShellHandler = async (site) => {
  const metrics = await metricsOf(site);
  const text = expose(metrics).trimEnd();
  return {
    data: { metrics: metrics.map(plainData) },
    view: { kind: 'markdown', title: '', text: `\`\`\`\n${text}\n\`\`\`` },
  };
};
