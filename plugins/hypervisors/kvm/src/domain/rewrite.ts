import { HoldfastError } from '@holdfast/api';
import { XMLBuilder, XMLParser } from 'fast-xml-parser';
import { ownerNamespace } from './parse.ts';
import { encode, parseXml } from './xml.ts';

/** What of a domain becomes another one. */
export interface NewDomain {
  readonly name: string;
  readonly uuid: string;
  /** Absolute path of the image of each disk, by its key. */
  readonly disks: ReadonlyMap<string, string>;
  /** Format of an image that is not raw, by the key of its disk. */
  readonly formats?: ReadonlyMap<string, string>;
  /** XML of an element that is put into the metadata; it declares its own namespace. */
  readonly note?: string;
  /** Whether its network cards get addresses of their own, so that it can stand beside the machine that was protected. Default is `false`. */
  readonly newAddresses?: boolean;
  /** `kvm` or `qemu`; what it was when it is not given. */
  readonly type?: string;
}

/** An element in document order: one member is its tag with its children, `:@` holds its attributes. */
type Node = Record<string, unknown>;

const options = {
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: false,
  commentPropName: '#comment',
  trimValues: true,
} as const;

/**
 * The definition of a machine that was protected, with new name and identity and its disks in raw images; everything else
 * stays as it was written.
 * @throws `CONFIG_INVALID` when the text is no domain.
 */
export function rewriteDomain(text: string, to: NewDomain): string {
  // Refuses what is not well-formed or is made to mislead, before a parser with more abilities sees it.
  parseXml(text);
  const document: unknown = new XMLParser(options).parse(text);
  const domain = nodesOf(document).find((node) => tagOf(node) === 'domain');
  if (domain === undefined) throw new HoldfastError('CONFIG_INVALID', 'its XML describes no libvirt domain');
  const children = nodesOf(domain.domain).filter((node) => tagOf(node) !== 'uuid' && tagOf(node) !== 'name');
  children.unshift(element('name', to.name), element('uuid', to.uuid));
  domain.domain = children;
  const os = children.find((node) => tagOf(node) === 'os');
  // The variables of the firmware belong to one machine; without a path libvirt makes new ones.
  if (os !== undefined) os.os = nodesOf(os.os).filter((node) => tagOf(node) !== 'nvram');
  const devices = children.find((node) => tagOf(node) === 'devices');
  if (devices === undefined) throw new HoldfastError('CONFIG_INVALID', 'its domain XML has no devices');
  devices.devices = nodesOf(devices.devices).filter((node) => tagOf(node) !== 'disk' || keepDisk(node, to));
  if (to.newAddresses === true) for (const node of nodesOf(devices.devices)) forgetAddress(node);
  if (to.type !== undefined) domain[':@'] = { ...attributesOf(domain), type: to.type };
  if (to.note !== undefined) children.splice(2, 0, ...noted(children, to.note));
  const built: unknown = new XMLBuilder({ ...options, format: true, indentBy: '  ', suppressEmptyNode: true }).build([
    domain,
  ]);
  return `${String(built).trim()}\n`;
}

/** The metadata with a note more, taken out of its place. What other programs noted down stays. */
function noted(children: Node[], note: string): readonly Node[] {
  const parsed: unknown = new XMLParser(options).parse(note);
  const at = children.findIndex((node) => tagOf(node) === 'metadata');
  const [there] = at < 0 ? [] : children.splice(at, 1);
  const others = nodesOf(there?.metadata).filter((node) => !Object.values(attributesOf(node)).includes(ownerNamespace));
  return [{ ...there, metadata: [...others, ...nodesOf(parsed)] }];
}

/** Without an address libvirt makes a new one; without a name of its device on the host it finds a free one. */
function forgetAddress(node: Node): void {
  const tag = tagOf(node);
  if (tag === 'interface')
    node.interface = nodesOf(node.interface).filter((part) => !['mac', 'target'].includes(tagOf(part)));
  // Sockets on the host belong to one machine: libvirt makes new ones.
  if (tag === 'channel') node.channel = nodesOf(node.channel).filter((part) => tagOf(part) !== 'source');
}

/** A definition for a machine of which nothing but its disks is known. */
export function plainDomain(to: NewDomain & { readonly memoryBytes: number; readonly cpus: number }): string {
  const disks = [...to.disks].map(
    ([key, path]) => `    <disk type='file' device='disk'>
      <driver name='qemu' type='${to.formats?.get(key) ?? 'raw'}'/>
      <source file='${encode(path)}'/>
      <target dev='${encode(key)}' bus='${key.startsWith('vd') ? 'virtio' : key.startsWith('hd') ? 'ide' : 'sata'}'/>
    </disk>`,
  );
  const note = to.note === undefined ? '' : `  <metadata>${to.note}</metadata>\n`;
  return `<domain type='${to.type ?? 'kvm'}'>
  <name>${encode(to.name)}</name>
  <uuid>${to.uuid}</uuid>
${note}  <memory unit='KiB'>${Math.ceil(to.memoryBytes / 1024)}</memory>
  <vcpu>${to.cpus}</vcpu>
  <os>
    <type arch='x86_64' machine='pc'>hvm</type>
    <boot dev='hd'/>
  </os>
  <devices>
${disks.join('\n')}
  </devices>
</domain>
`;
}

/** Points a disk to its new image. Answers whether it stays: hard disks that were not restored go, drives stay. */
function keepDisk(disk: Node, to: NewDomain): boolean {
  const parts = nodesOf(disk.disk);
  const attributes = attributesOf(disk);
  const device = attributes.device ?? 'disk';
  if (device !== 'disk' && device !== 'lun') return true;
  const target = parts.find((node) => tagOf(node) === 'target');
  const key = target === undefined ? '' : decodeKey(attributesOf(target).dev ?? '');
  const path = to.disks.get(key);
  if (path === undefined) return false;
  const driver = parts.find((node) => tagOf(node) === 'driver');
  const kept = parts.filter(
    (node) => !['source', 'driver', 'backingStore', 'mirror', 'auth', 'encryption'].includes(tagOf(node)),
  );
  const driverAttributes = driver === undefined ? { name: 'qemu' } : attributesOf(driver);
  disk[':@'] = { ...attributes, type: 'file', device: 'disk' };
  disk.disk = [
    { driver: [], ':@': { ...driverAttributes, type: to.formats?.get(key) ?? 'raw' } },
    { source: [], ':@': { file: encode(path) } },
    ...kept,
  ];
  return true;
}

const element = (name: string, text: string): Node => ({ [name]: [{ '#text': encode(text) }] });

/** Keys are compared as `parseDomain` gives them; a device name has no characters that need more than this. */
const decodeKey = (key: string): string => key.replaceAll('&amp;', '&');

function nodesOf(value: unknown): Node[] {
  return Array.isArray(value) ? value.filter((node): node is Node => typeof node === 'object' && node !== null) : [];
}

function tagOf(node: Node): string {
  return Object.keys(node).find((key) => key !== ':@') ?? '';
}

function attributesOf(node: Node): Readonly<Record<string, string>> {
  const attributes = node[':@'];
  return typeof attributes === 'object' && attributes !== null ? (attributes as Readonly<Record<string, string>>) : {};
}
