/** How a repository hashes and cuts; from format.json. Serialisable: workers get a copy. */
export interface Suite {
  readonly repositoryId: string;
  readonly hash: 'blake3' | 'sha256';
  readonly chunker: {
    readonly kind: 'aligned';
    readonly blockBytes: number;
    readonly minimumBytes: number;
    readonly averageBytes: number;
    readonly maximumBytes: number;
    readonly windowBytes: number;
  };
  readonly segmentBytes: number;
}

/** The repository's secrets, unwrapped. Never logged, never stored. Serialisable: workers get a copy. */
export interface RepositorySecrets {
  readonly family: Uint8Array;
  /** Master keys by generation number. */
  readonly generations: Readonly<Record<number, Uint8Array>>;
  /** The generation that new objects use. */
  readonly current: number;
}
