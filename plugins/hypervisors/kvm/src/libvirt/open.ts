import type { Call, Hypervisor, Opening } from '@holdfast/api';
import { HoldfastError } from '@holdfast/api';

/** Opens an endpoint. */
export async function openLibvirt(opening: Opening, _dataFolder: string, _call: Call): Promise<Hypervisor> {
  throw new HoldfastError('UNSUPPORTED', `${opening.name} cannot be opened yet`);
}
