/** A libvirt domain of one disk, as `virsh define` takes it. */
export function domainXml(name: string, uuid: string, disk: string, format: 'raw' | 'qcow2'): string {
  return `<domain type='qemu'>
  <name>${escaped(name)}</name>
  <uuid>${uuid}</uuid>
  <title>Lab machine of Holdfast</title>
  <memory unit='MiB'>512</memory>
  <vcpu>1</vcpu>
  <os>
    <type arch='x86_64' machine='pc'>hvm</type>
    <boot dev='hd'/>
  </os>
  <devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='${format}'/>
      <source file='${escaped(disk)}'/>
      <target dev='vda' bus='virtio'/>
    </disk>
  </devices>
</domain>
`;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll("'", '&apos;')
    .replaceAll('"', '&quot;');
}
