import type { DiskSink, NbdSource } from '@holdfast/api';
import { expect, test } from 'vitest';
import { Grants } from '../../core/host/permissions/grants.ts';
import { HandedOut } from '../../core/host/permissions/handed-out.ts';

const repository: DiskSink = { kind: 'repository', target: 't', writer: 'w', disk: 'd', sizeBytes: 1 };
const source: NbdSource = {
  kind: 'nbd',
  address: { host: 'kvm-1', port: 10_809 },
  export: 'disk',
  tls: { ca: 'of the site', serverName: 'kvm-1' },
  sizeBytes: 1,
};

test('a step reads a disk on the network as it was handed out, not in the clear and not by another authority', () => {
  const grants = new Grants('mover', {}, { settings: {}, dataFolder: '/var/lib/mover', pluginFolder: '/opt/mover' });
  const handedOut = new HandedOut();
  handedOut.addSource(source);
  expect(() => handedOut.demandMove(grants, { ...source }, repository)).not.toThrow();
  const { tls: _, ...inTheClear } = source;
  const others: NbdSource[] = [
    inTheClear,
    { ...source, tls: { ca: 'of somebody else', serverName: 'kvm-1' } },
    { ...source, tls: { ca: 'of the site', serverName: 'kvm-2' } },
    { ...source, export: 'other' },
    { ...source, address: { host: 'kvm-2', port: 10_809 } },
  ];
  for (const other of others) {
    expect(() => handedOut.demandMove(grants, other, repository)).toThrow(
      expect.objectContaining({ code: 'PERMISSION_DENIED' }),
    );
  }
});
