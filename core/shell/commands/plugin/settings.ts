import { HoldfastError } from '@holdfast/api';
import { nearest } from '../../../config/nearest.ts';
import type { ShellHandler } from '../../contract.ts';
import { textOf } from '../../registry/argument-values.ts';
import { plainData } from '../../view/build.ts';

/** What takes the settings of each kind of contribution. */
const commands = { hypervisors: 'endpoint.add', targets: 'target.add', techniques: 'protect' } as const;

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
    view: { kind: 'form', title: contribution.title, command: commands[kind], schema: settings, values: {} },
  };
};
