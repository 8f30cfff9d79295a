import type { Call, OpenedPoint } from '@holdfast/api';
import { HoldfastError } from '@holdfast/api';
import type { RestoreWish } from '../contract.ts';
import type { EngineParts } from '../run/parts.ts';

/**
 * Looks before anything is made whether a restore can go: the point is whole, the endpoint can make machines, the name is free.
 * @throws `POINT_NOT_FOUND`, `UNSUPPORTED`, `NAME_TAKEN`.
 */
export async function openRestore(parts: EngineParts, wish: RestoreWish, call: Call): Promise<OpenedPoint> {
  const hypervisor = await parts.endpoints.open(wish.to, call);
  if (hypervisor.create === undefined || hypervisor.openDiskForWrite === undefined)
    throw new HoldfastError('UNSUPPORTED', `machines cannot be made on ${wish.to}`, {
      remedy: 'restore to an endpoint whose plugin can create machines, or `holdfast point export`',
      facts: { endpoint: wish.to },
    });
  const machines = await parts.endpoints.machines(wish.to, call);
  if (machines.some(({ name }) => name === wish.as))
    throw new HoldfastError('NAME_TAKEN', `there is a machine called ${wish.as} on ${wish.to} already`, {
      facts: { endpoint: wish.to, name: wish.as },
    });
  const repository = await parts.openRepository(wish.point.target, call);
  const opened = await repository.open(wish.point.point, call);
  await parts.catalog.savePoints([opened.summary]);
  return opened;
}
