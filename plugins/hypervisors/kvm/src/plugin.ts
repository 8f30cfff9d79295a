import { isAbsolute } from 'node:path';
import type { Activate } from '@holdfast/api';
import { HoldfastError } from '@holdfast/api';
import { openFolder } from './folder-hypervisor.ts';

export const activate: Activate = (context) => {
  context.registerHypervisor('kvm', async ({ settings }) => {
    const { folder } = settings;
    if (typeof folder === 'string' && isAbsolute(folder)) return await openFolder(folder);
    throw new HoldfastError('CONFIG_INVALID', 'the folder of a kvm endpoint must be an absolute path', {
      remedy: 'give the folder with its whole path, for example /srv/machines',
    });
  });
  // Each kind is loaded when an endpoint of it is opened: listing machines of a folder should start quickly.
  context.registerHypervisor('libvirt', async (opening, call) =>
    (await import('./libvirt/open.ts')).openLibvirt(opening, context.dataFolder, call),
  );
  context.registerHypervisor('qemu', async (opening, call) =>
    (await import('./qemu/open.ts')).openQemu(opening, context.dataFolder, call),
  );
};
