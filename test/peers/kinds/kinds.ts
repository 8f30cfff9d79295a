import type { Kind } from './kind.ts';
import { LibvirtKind } from './libvirt.ts';
import { PlainQemu } from './plain-qemu.ts';

/** All ways to reach machines, and what each needs on this machine. */
export const kinds: readonly {
  readonly title: string;
  readonly needs: readonly string[];
  start(): Promise<Kind>;
}[] = [
  { title: 'plain QEMU', needs: ['nbdcopy', 'nbdinfo'], start: () => PlainQemu.start() },
  { title: 'libvirt', needs: ['nbdcopy', 'nbdinfo', 'libvirtd', 'virsh'], start: () => LibvirtKind.start('here') },
  {
    title: 'libvirt over SSH',
    needs: ['nbdcopy', 'nbdinfo', 'libvirtd', 'virsh', 'sshd', 'ssh-keygen'],
    start: () => LibvirtKind.start('ssh'),
  },
];
