import type { Call, CommandDeclaration, Step, TargetContribution, TechniqueContribution } from '@holdfast/api';
import {
  type Check,
  hypervisorChecks,
  hypervisorCrashChecks,
  mediaLibraryChecks,
  notifierChecks,
  objectStoreChecks,
  objectStoreCrashChecks,
  type Prepared,
  sheetChecks,
  techniqueChecks,
} from '@holdfast/api/testing';
import type { HostOpening, PluginHost } from '../contract.ts';
import type { ReadContribution } from '../manifest/read.ts';

/** The checks that fit a contribution, on what the host opens for it. */
export async function checksFor(
  read: ReadContribution,
  prepared: Prepared,
  host: PluginHost,
  call: Call,
): Promise<readonly Check[]> {
  const { families, answers } = read;
  const opening = openingOf(read.contribution.id, prepared);
  if (read.kind === 'hypervisor') {
    const hypervisor = await host.openHypervisor(opening, call);
    const { machine, snapshotsLeaveNothing = false } = prepared;
    return [
      ...sheetChecks({ families, answers, hypervisor }),
      ...hypervisorChecks({ hypervisor, snapshotsLeaveNothing, ...(machine === undefined ? {} : { machine }) }),
    ];
  }
  if (read.kind === 'technique') {
    const { id, needs, gives } = read.contribution as TechniqueContribution;
    const step: Step = await host.step(id);
    const { settings } = prepared;
    return [...sheetChecks({ families, answers }), ...techniqueChecks({ step, needs, gives, settings })];
  }
  if (read.kind === 'notifier') return await checksOfNotifier(prepared, host, opening, call);
  if ((read.contribution as TargetContribution).shape === 'media-library') {
    const library = await host.openMediaLibrary(opening, call);
    return [...sheetChecks({ families, answers }), ...mediaLibraryChecks({ library, scratch: prepared.scratch ?? '' })];
  }
  return await storeChecks(read, prepared, host, opening, call);
}

async function checksOfNotifier(
  { received, lostSettings }: Prepared,
  host: PluginHost,
  opening: HostOpening,
  call: Call,
): Promise<readonly Check[]> {
  const lost = (settings: Prepared['settings']) => () =>
    host.openNotifier({ ...opening, name: `${opening.name}-lost`, settings }, call);
  return notifierChecks({
    notifier: await host.openNotifier(opening, call),
    ...(received === undefined ? {} : { received }),
    ...(lostSettings === undefined ? {} : { lost: lost(lostSettings) }),
  });
}

async function storeChecks(
  read: ReadContribution,
  prepared: Prepared,
  host: PluginHost,
  opening: HostOpening,
  call: Call,
): Promise<readonly Check[]> {
  const store = await host.openObjectStore(opening, call);
  const reopen = async () => {
    await store.close(call);
    return await host.openObjectStore(opening, call);
  };
  const { manyObjects } = prepared;
  return [
    ...sheetChecks({ families: read.families, answers: read.answers, store }),
    ...objectStoreChecks({
      store,
      reopen: prepared.keeps === false ? null : reopen,
      ...(manyObjects === undefined ? {} : { manyObjects }),
    }),
  ];
}

/** Checks that end the plugin's worker in the middle of its work; empty for what has nothing to lose. */
export function crashChecksFor(
  read: ReadContribution,
  prepared: Prepared,
  host: CrashableHost,
  call: Call,
): readonly Check[] {
  const opening = openingOf(read.contribution.id, prepared);
  const crash = () => host.crash();
  if (read.kind === 'hypervisor') {
    return hypervisorCrashChecks({ open: () => host.openHypervisor(opening, call), crash });
  }
  const isStore = read.kind === 'target' && (read.contribution as TargetContribution).shape === 'object-store';
  if (!isStore || prepared.keeps === false) return [];
  return objectStoreCrashChecks({ open: () => host.openObjectStore(opening, call), crash });
}

/** A host of one plugin that can be made to crash. */
export type CrashableHost = Pick<PluginHost, 'openHypervisor' | 'openObjectStore'> & { crash(): Promise<void> };

/** That a command is there and, when it only looks, that it answers. */
export function commandChecks(command: CommandDeclaration, host: PluginHost, call: Call): readonly Check[] {
  const isTried = command.danger === 'read' && !('required' in command.args);
  return [
    {
      name: `the command ${command.id} is registered${isTried ? ' and answers' : ''}`,
      async run() {
        const run = await host.command(command.id);
        if (!isTried) return null;
        const { view } = await run({}, call);
        return { view: view.kind, title: view.title };
      },
    },
  ];
}

function openingOf(use: string, prepared: Prepared): HostOpening {
  return {
    name: `${use}-under-test`,
    use,
    settings: prepared.settings,
    secret: async (setting) => prepared.secrets?.[setting] ?? '',
  };
}
