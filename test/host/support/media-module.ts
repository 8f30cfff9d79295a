/** A library in memory, as the text of a plugin's module: two drives, three slots, two cartridges. */
export const mediaModule = `
import { HoldfastError, throwIfCancelled, type LibraryElement, type MediaLibrary, type PluginContext, type TapeDrive, type TapeRead } from '@holdfast/api';

type Block = Uint8Array | 'filemark';
interface Cartridge { readonly barcode: string; blocks: Block[] }

function openLibrary(): MediaLibrary {
  const places = new Map<number, Cartridge | null>([
    [1, null], [2, null],
    [1000, { barcode: 'HF0001L9', blocks: [] }], [1001, { barcode: 'HF0002L9', blocks: [] }], [1002, null],
  ]);
  const at = (address: number): Cartridge | null => {
    const found = places.get(address);
    if (found === undefined) throw new HoldfastError('MEDIA_ELEMENT_UNKNOWN', 'no element ' + address);
    return found;
  };
  return {
    async inventory() {
      const elements = [...places].map(([address, cartridge]): LibraryElement => ({
        address, kind: address < 1000 ? 'drive' : 'slot', full: cartridge !== null, barcode: cartridge?.barcode ?? null, title: 'element ' + address,
      }));
      return { elements };
    },
    async move(from, to, call) {
      throwIfCancelled(call.signal, 'move');
      const cartridge = at(from);
      const other = at(to);
      if (cartridge === null) throw new HoldfastError('MEDIA_ELEMENT_EMPTY', 'element ' + from + ' is empty');
      if (other !== null) throw new HoldfastError('MEDIA_ELEMENT_FULL', 'element ' + to + ' is full');
      places.set(from, null);
      places.set(to, cartridge);
    },
    async openDrive(address) {
      const cartridge = at(address);
      if (cartridge === null) throw new HoldfastError('MEDIA_ELEMENT_EMPTY', 'drive ' + address + ' is empty');
      return openDrive(cartridge);
    },
    async close() {},
  };
}

function openDrive(cartridge: Cartridge): TapeDrive {
  let head = 0;
  const write = (block: Block): void => { cartridge.blocks = [...cartridge.blocks.slice(0, head), block]; head += 1; };
  return {
    async write(block) { write(block.slice()); return { earlyWarning: false }; },
    async read(): Promise<TapeRead> {
      const block = cartridge.blocks[head];
      if (block === undefined) return { kind: 'end' };
      head += 1;
      return block === 'filemark' ? { kind: 'filemark' } : { kind: 'block', data: block };
    },
    async filemarks(count) { for (let i = 0; i < count; i++) write('filemark'); },
    async locate(block) { head = block; },
    async rewind() { head = 0; },
    async position() { return { partition: 0, block: head, atBeginning: head === 0, atEarlyWarning: false }; },
    async limits() { return { maxBlockBytes: 262_144, remainingBytes: null }; },
    async alerts() { return []; },
    async close() {},
  };
}

export function activate(context: PluginContext): void {
  context.registerMediaLibrary('changer', async () => openLibrary());
}
`;
