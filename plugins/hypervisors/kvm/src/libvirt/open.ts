import { isAbsolute } from 'node:path';
import type { Call, Hypervisor, Opening } from '@holdfast/api';
import { HoldfastError } from '@holdfast/api';
import { readAddress } from '../ssh/address.ts';
import type { Host } from '../ssh/host.ts';
import { LocalHost } from '../ssh/local.ts';
import { LibvirtHypervisor } from './hypervisor.ts';
import { Inventory } from './inventory.ts';
import { Places } from './places.ts';
import { type LibvirtSettings, readSettings } from './settings.ts';
import { type SocketFolder, socketFolder } from './sockets.ts';
import { Virsh } from './virsh.ts';

/**
 * Opens an endpoint: a libvirt on this machine or, with `host`, behind SSH. Nothing is connected to before it is needed.
 * @throws `CONFIG_INVALID`, `SECRET_UNAVAILABLE`
 */
export async function openLibvirt(
  opening: Opening,
  dataFolder: string,
  _call: Call,
  now: () => number = Date.now,
): Promise<Hypervisor> {
  const settings = readSettings(opening);
  for (const [key, folder] of Object.entries({ scratch: settings.scratch, images: settings.images }))
    if (folder !== null && (!isAbsolute(folder) || /[\u0000-\u001f\u007f]/.test(folder)))
      throw new HoldfastError('CONFIG_INVALID', `\`${key}\` of ${opening.name} must be an absolute path`);
  const sockets = socketFolder(dataFolder);
  const host = settings.host === null ? new LocalHost() : await remoteHost(opening, settings, settings.host, sockets);
  const virsh = new Virsh(host, settings.uri);
  const places = new Places(host, settings, sockets);
  const inventory = new Inventory(virsh, async () => (await places.users()).name);
  return new LibvirtHypervisor({ virsh, places, inventory, settings, now });
}

async function remoteHost(
  opening: Opening,
  { hostKey }: LibvirtSettings,
  where: string,
  sockets: SocketFolder,
): Promise<Host> {
  const { SshLink } = await import('../ssh/link.ts');
  const { RemoteHost } = await import('../ssh/remote.ts');
  const secret = async (setting: string): Promise<string | null> =>
    opening.settings[setting] === undefined ? null : await opening.secret(setting);
  const login = {
    address: readAddress(where),
    hostKey,
    key: await secret('key'),
    password: await secret('password'),
    agent: process.env.SSH_AUTH_SOCK ?? null,
  };
  return new RemoteHost(new SshLink(login), () => sockets.next());
}
