import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Hypervisor, Machine, OwnerMark } from '@holdfast/api';
import { makeCall } from '@holdfast/api';
import { openFolder } from '../../../../plugins/hypervisors/kvm/src/folder-hypervisor.ts';

export const call = makeCall();
export const owner: OwnerMark = { site: 'here', intent: 'i-1', run: 'r-1', createdAt: 1_700_000_000_000 };

/** A folder of machines that goes when the test is over. */
export async function makeFolder(): Promise<{ readonly path: string; [Symbol.asyncDispose](): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'holdfast-kvm-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

export const open = (path: string): Promise<Hypervisor> => openFolder(path, () => 1_700_000_000_000);

export async function list(hypervisor: Hypervisor): Promise<readonly Machine[]> {
  const machines: Machine[] = [];
  for await (const machine of hypervisor.machines(call)) machines.push(machine);
  return machines;
}

export async function owned(hypervisor: Hypervisor): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const thing of hypervisor.owned(call)) ids.push(thing.id);
  return ids;
}

/** A domain definition with some disks, each `[target, format, path, type]`. */
export function domain(
  name: string,
  uuid: string | null,
  disks: readonly (readonly [string, string, string, string?])[],
  more = '',
): string {
  const xml = disks.map(
    ([target, format, path, type = 'file']) => `<disk type='${type}' device='disk'>
      <driver name='qemu' type='${format}' cache='none'/>
      <source ${type === 'file' ? 'file' : 'dev'}='${path}'/>
      <target dev='${target}' bus='virtio'/>
    </disk>`,
  );
  return `<domain type='kvm'>
  <name>${name}</name>
  ${uuid === null ? '' : `<uuid>${uuid}</uuid>`}
  <memory unit='MiB'>256</memory>
  <vcpu>2</vcpu>
  <os><type arch='x86_64'>hvm</type><nvram>/var/lib/nvram/${uuid}.fd</nvram></os>
  <devices>${xml.join('\n')}
    <disk type='file' device='cdrom'><target dev='sda' bus='sata'/><readonly/></disk>
    <interface type='network'><mac address='52:54:00:11:22:33'/></interface>${more}
  </devices>
</domain>`;
}
