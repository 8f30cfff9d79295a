/** A copy of an installation's catalog that lies in the repository. */
export interface SavedCatalog {
  /** Name of the object. */
  readonly object: string;
  /** Identity of the installation (`site`). */
  readonly site: string;
  /** Epoch milliseconds. */
  readonly savedAt: number;
  readonly sizeBytes: number;
  /** Schema of the catalog. */
  readonly schema: number;
}
