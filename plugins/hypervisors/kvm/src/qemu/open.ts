import { createHash } from 'node:crypto';
import { isAbsolute, join } from 'node:path';
import type { Call, Hypervisor, Opening } from '@holdfast/api';
import { HoldfastError } from '@holdfast/api';
import { Freezing } from './freezing.ts';
import { ScratchGuard } from './guard.ts';
import { QemuHypervisor } from './hypervisor.ts';
import { Machines } from './machines.ts';
import { Seen } from './seen.ts';
import { SocketFolder } from './sockets.ts';

/** Opens an endpoint: a folder of QMP sockets. @throws `ENDPOINT_UNREACHABLE` when the folder cannot be read. */
export async function openQemu(
  opening: Opening,
  dataFolder: string,
  _call: Call,
  now: () => number = Date.now,
): Promise<Hypervisor> {
  const { sockets, scratch } = opening.settings;
  if (typeof sockets !== 'string' || !isAbsolute(sockets))
    throw new HoldfastError('CONFIG_INVALID', `the socket folder of ${opening.name} must be an absolute path`, {
      remedy: 'give the folder with its whole path, for example /run/vm',
    });
  const folder = new SocketFolder(sockets);
  await folder.names();
  // Each endpoint hears of its own watchdogs and sockets only.
  const own = join(dataFolder, 'qemu', createHash('sha256').update(sockets).digest('hex').slice(0, 16));
  const notes = join(own, 'freezes');
  const machines = new Machines(folder, new Seen(join(own, 'seen.json')));
  return new QemuHypervisor({
    machines,
    guard: new ScratchGuard(machines),
    freezing: new Freezing(folder, notes),
    scratch: typeof scratch === 'string' ? scratch : null,
    notes,
    now,
  });
}
