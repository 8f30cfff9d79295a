import type { Call } from './call.ts';

/** Address of a drive, slot, mail slot or the transport arm in a library, as the library numbers them. */
export type ElementAddress = number;

/** One element of a library. */
export interface LibraryElement {
  readonly address: ElementAddress;
  readonly kind: 'drive' | 'slot' | 'mail' | 'arm';
  readonly full: boolean;
  /** Barcode of the cartridge in it, without trailing blanks; `null` when it has none or cannot be read. */
  readonly barcode: string | null;
  /** For people: model and serial number of a drive. */
  readonly title: string;
}

export interface LibraryInventory {
  readonly elements: readonly LibraryElement[];
}

/** Where a drive stands on its tape. */
export interface TapePosition {
  readonly partition: number;
  /** Blocks and filemarks before this place. */
  readonly block: number;
  readonly atBeginning: boolean;
  readonly atEarlyWarning: boolean;
}

/** A library of removable media: physical tape, or a virtual tape library. */
export interface MediaLibrary {
  inventory(call: Call): Promise<LibraryInventory>;
  /** Moves a cartridge. Throws `MEDIA_ELEMENT_FULL`, `MEDIA_ELEMENT_EMPTY` or `MEDIA_ELEMENT_UNKNOWN`. */
  move(from: ElementAddress, to: ElementAddress, call: Call): Promise<void>;
  /** Opens the drive at an address, with the cartridge that is in it. */
  openDrive(drive: ElementAddress, call: Call): Promise<TapeDrive>;
  close(call: Call): Promise<void>;
}

/** A tape drive with a cartridge in it. */
export interface TapeDrive {
  /** Writes one block of at most the size that `limits` states. `earlyWarning` asks the caller to come to an end. */
  write(block: Uint8Array, call: Call): Promise<{ readonly earlyWarning: boolean }>;
  /** Reads one block; `filemark` and `end` are answers, not errors. */
  read(call: Call): Promise<TapeRead>;
  /** Writes filemarks and flushes; 0 only flushes. When it resolves, all before it is on the tape. */
  filemarks(count: number, call: Call): Promise<void>;
  locate(block: number, call: Call): Promise<void>;
  rewind(call: Call): Promise<void>;
  position(call: Call): Promise<TapePosition>;
  limits(call: Call): Promise<{ readonly maxBlockBytes: number; readonly remainingBytes: number | null }>;
  /** TapeAlert flags that are set, by number. */
  alerts(call: Call): Promise<readonly number[]>;
  close(call: Call): Promise<void>;
}

export type TapeRead =
  | { readonly kind: 'block'; readonly data: Uint8Array }
  | { readonly kind: 'filemark' }
  | { readonly kind: 'end' };
