import { type Call, makeCall } from '../../call.ts';
import type { ElementAddress, LibraryElement, MediaLibrary, TapeDrive } from '../../media.ts';
import { sameBytes, sampleBytes } from '../bytes.ts';
import type { Check } from '../check.ts';
import { demand, demandFailure } from '../expect.ts';

/** What the suite needs: a library, and a cartridge in a slot that it may write over. */
export interface MediaLibrarySuite {
  readonly library: MediaLibrary;
  /** Barcode of the cartridge whose content is lost. */
  readonly scratch: string;
}

const call: Call = makeCall({ who: 'conformance' });

/** Everything that media sets rely on in a library, in order. The cartridge is back in its slot in the end. */
export function mediaLibraryChecks({ library, scratch }: MediaLibrarySuite): readonly Check[] {
  const elements = async (): Promise<readonly LibraryElement[]> => (await library.inventory(call)).elements;
  const find = async (wish: (element: LibraryElement) => boolean, what: string): Promise<LibraryElement> => {
    const found = (await elements()).find(wish);
    demand(found !== undefined, `the library has no ${what}`);
    return found;
  };
  const scratchAt = async () => await find((e) => e.barcode === scratch, `cartridge ${scratch}`);
  const emptyDrive = async () => await find((e) => e.kind === 'drive' && !e.full, 'empty drive');
  const emptySlot = async () => await find((e) => e.kind === 'slot' && !e.full, 'empty slot');

  /** The scratch cartridge in a drive, and back in its slot whatever happens. */
  const withDrive = async <T>(work: (drive: TapeDrive) => Promise<T>): Promise<T> => {
    const home = await scratchAt();
    const bay = await emptyDrive();
    await library.move(home.address, bay.address, call);
    try {
      const drive = await library.openDrive(bay.address, call);
      try {
        return await work(drive);
      } finally {
        await drive.close(call);
      }
    } finally {
      await library.move(bay.address, home.address, call);
    }
  };

  return [
    {
      name: 'the inventory names each element once, and cartridges by their barcodes',
      async run() {
        const all = await elements();
        const addresses = new Set(all.map((e) => e.address));
        demand(addresses.size === all.length, 'an address is there twice');
        demand(
          all.every((e) => e.full || e.barcode === null),
          'an empty element has a barcode',
        );
        demand(
          all.every((e) => e.barcode === null || e.barcode === e.barcode.trimEnd()),
          'a barcode ends in blanks',
        );
        demand((await scratchAt()).kind === 'slot', `cartridge ${scratch} is in no slot`);
        return all.map((e) => ({ kind: e.kind, full: e.full, barcode: e.barcode }));
      },
    },
    {
      name: 'a move that cannot be made fails with its reason and moves nothing',
      async run() {
        const [full, empty] = [await scratchAt(), await emptySlot()];
        const other = (await elements()).find((e) => e.kind === 'slot' && e.full && e.address !== full.address);
        const unknown: ElementAddress = Math.max(...(await elements()).map((e) => e.address)) + 1000;
        const refused = async (from: number, to: number, code: Parameters<typeof demandFailure>[1][number]) =>
          await demandFailure(() => library.move(from, to, call), [code], `a move from ${from} to ${to}`);
        const seen = [
          await refused(empty.address, full.address, 'MEDIA_ELEMENT_EMPTY'),
          await refused(unknown, empty.address, 'MEDIA_ELEMENT_UNKNOWN'),
          await refused(full.address, unknown, 'MEDIA_ELEMENT_UNKNOWN'),
        ];
        if (other !== undefined) seen.push(await refused(full.address, other.address, 'MEDIA_ELEMENT_FULL'));
        demand((await scratchAt()).address === full.address, 'the cartridge moved all the same');
        return seen;
      },
    },
    {
      name: 'a drive without a cartridge is not opened',
      async run() {
        const { address } = await emptyDrive();
        return await demandFailure(() => library.openDrive(address, call), ['MEDIA_ELEMENT_EMPTY'], 'an empty drive');
      },
    },
    {
      name: 'blocks and filemarks are read back in their order and size',
      async run() {
        return await withDrive(async (drive) => {
          const { maxBlockBytes } = await drive.limits(call);
          const sizes = [1, 512, 65_536, maxBlockBytes];
          await drive.rewind(call);
          for (const size of sizes) await drive.write(sampleBytes(size, size), call);
          await drive.filemarks(1, call);
          await drive.write(sampleBytes(700, 700), call);
          await drive.filemarks(2, call);
          await drive.rewind(call);
          const seen: string[] = [];
          for (let i = 0; i < sizes.length + 4; i++) {
            const got = await drive.read(call);
            if (got.kind === 'block') {
              demand(sameBytes(got.data, sampleBytes(got.data.length, got.data.length)), 'a block came back changed');
            }
            seen.push(got.kind === 'block' ? `block ${got.data.length}` : got.kind);
          }
          const blocks = sizes.map((size) => `block ${size}`);
          const expected = [...blocks, 'filemark', 'block 700', 'filemark', 'filemark'];
          demand(seen.join() === expected.join(), `the tape holds ${seen.join(', ')}`);
          demand((await drive.read(call)).kind === 'end', 'behind the last filemark there is something');
          return expected.length;
        });
      },
    },
    {
      name: 'the drive goes to the block that it is told, and says where it stands',
      async run() {
        return await withDrive(async (drive) => {
          await drive.rewind(call);
          demand((await drive.position(call)).atBeginning, 'a rewound tape is not at its beginning');
          for (let i = 0; i < 20; i++) await drive.write(sampleBytes(1000, i), call);
          await drive.filemarks(0, call);
          const seen: number[] = [];
          for (const block of [0, 7, 19, 3]) {
            await drive.locate(block, call);
            const { block: at } = await drive.position(call);
            demand(at === block, `told to go to block ${block}, it stands at ${at}`);
            const got = await drive.read(call);
            demand(
              got.kind === 'block' && sameBytes(got.data, sampleBytes(1000, block)),
              `block ${block} is another one`,
            );
            seen.push(at);
          }
          return seen;
        });
      },
    },
    {
      name: 'writing in the middle ends the tape there',
      async run() {
        return await withDrive(async (drive) => {
          await drive.rewind(call);
          for (let i = 0; i < 10; i++) await drive.write(sampleBytes(1000, i), call);
          await drive.locate(4, call);
          await drive.write(sampleBytes(1000, 99), call);
          await drive.filemarks(1, call);
          await drive.locate(4, call);
          const kinds = [(await drive.read(call)).kind, (await drive.read(call)).kind, (await drive.read(call)).kind];
          demand(kinds.join() === 'block,filemark,end', `then the tape holds ${kinds.join(', ')}`);
          return kinds;
        });
      },
    },
    {
      name: 'a move that was cancelled before it began moves nothing',
      async run() {
        const [home, empty] = [await scratchAt(), await emptySlot()];
        const cancelled = makeCall({ signal: AbortSignal.abort() });
        const code = await demandFailure(
          () => library.move(home.address, empty.address, cancelled),
          ['CANCELLED'],
          'a cancelled move',
        );
        demand((await scratchAt()).address === home.address, 'the cartridge moved all the same');
        return code;
      },
    },
  ];
}
