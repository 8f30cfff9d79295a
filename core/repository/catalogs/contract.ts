/** A copy of an installation's catalog that lies in the repository. */
export interface SavedCatalog {
  /** Name of the object. */
  readonly object: string;
  /** Identity of the installation (`site`). */
  readonly site: string;
  /** Name of the host that it ran on; empty where the copy does not say. */
  readonly host: string;
  /** Name under which that installation knew this repository. */
  readonly target: string;
  /** Epoch milliseconds. */
  readonly savedAt: number;
  /** Grows with each copy of a site: tells the newest apart where clocks were wrong. */
  readonly sequence: number;
  readonly sizeBytes: number;
  /** Schema of the catalog. */
  readonly schema: number;
}

/** A catalog that is to be saved. One that does not fit into memory comes in pieces, of any size. */
export interface CatalogToSave {
  readonly site: string;
  readonly schema: number;
  readonly bytes: Uint8Array | AsyncIterable<Uint8Array>;
}
