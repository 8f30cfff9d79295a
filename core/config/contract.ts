/** A configured endpoint, target or notifier: a name, the contribution that it uses, and that contribution's settings. */
export interface Instance {
  /** Contribution id, for example `kvm` or `disk`. */
  readonly use: string;
  readonly [setting: string]: unknown;
}

/** Retention of a target: how many of each to keep. Absent counts are 0; all absent keeps everything. */
export interface Keep {
  readonly last?: number;
  readonly hourly?: number;
  readonly daily?: number;
  readonly weekly?: number;
  readonly monthly?: number;
  readonly yearly?: number;
}

/** The configuration, merged from all its sources and checked. */
export interface Config {
  readonly endpoints: Readonly<Record<string, Instance>>;
  readonly targets: Readonly<Record<string, Instance>>;
  /** How many of each slot there are, by slot name. */
  readonly slots: Readonly<Record<string, number>>;
  /** Retention by target. */
  readonly keep: Readonly<Record<string, Keep>>;
  /** zstd level of new data. Default is 3. */
  readonly compression: number;
  /** Worker threads of the pipeline; 0 (the default) means one for each processor. */
  readonly workers: number;
  /** Settings of plugins, by plugin name. */
  readonly plugins: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** The SSH server; what is absent is as docs/configuration.md says. */
  readonly server?: ServerConfig;
  /** When somebody else has to agree. */
  readonly approvals?: ApprovalConfig;
  /** Ways to reach administrators. */
  readonly notifiers?: Readonly<Record<string, Instance>>;
  /** Figures for Prometheus, served by `holdfast serve`. */
  readonly metrics?: MetricsConfig;
  /** How this machine runs policies. */
  readonly schedules?: SchedulesConfig;
}

export interface MetricsConfig {
  /** Loopback address and port, for example `127.0.0.1:9464`. */
  readonly listen?: string;
}

export interface SchedulesConfig {
  /** Whether `holdfast serve` runs policies at their times. Default is `true`. */
  readonly serve?: boolean;
  /** Runs that one process executes at once. Default is 4. */
  readonly runs?: number;
}

export interface ServerConfig {
  /** Address and port. Default is `127.0.0.1:2222`. */
  readonly listen?: string;
  /** Minutes without a key after which a session ends. Default is 15. */
  readonly idleMinutes?: number;
  /** Whether what sessions show is kept for replay. Default is `false`. */
  readonly record?: boolean;
}

export interface ApprovalConfig {
  /** Whether commands of danger `destroy` need the approval of a second person. Default is `false`. */
  readonly destroy?: boolean;
  /** Hours after which an approval can no longer be used. Default is 24. */
  readonly expireHours?: number;
  /** Minutes between the approval and its first use. Default is 0. */
  readonly delayMinutes?: number;
}

/** Where a value came from. */
export interface Origin {
  readonly layer: 'default' | 'system' | 'user' | 'project' | 'given' | 'environment';
  /** The file, or the environment variable. */
  readonly place: string;
  /** From 1; absent when the source has no lines. */
  readonly line?: number;
}

/** One thing wrong with the configuration. */
export interface ConfigProblem {
  /** The file, or the environment variable. */
  readonly file: string;
  /** From 1; 0 where the source has no lines. */
  readonly line: number;
  /** From 1; 0 where the source has no lines. */
  readonly column: number;
  /** Dotted path of the key. */
  readonly key: string;
  readonly message: string;
  /** The known key that is nearest to an unknown one. */
  readonly nearest?: string;
}

export interface LoadedConfig {
  readonly config: Config;
  /** Origin of each leaf, by dotted path. */
  readonly origins: ReadonlyMap<string, Origin>;
  /** Files that were read, lowest precedence first. */
  readonly files: readonly string[];
  /** Files found by searching upward whose code, `command:` secrets and plugin paths are not in effect because they are not trusted. */
  readonly untrusted: readonly string[];
  /** Endpoints, targets and notifiers whose `use` no plugin contributes now: kept unchecked, refused only when used. Absent when there are none. */
  readonly unusable?: readonly ConfigProblem[];
}

/** Folders of one installation. */
export interface Folders {
  /** Configuration of the user: `$XDG_CONFIG_HOME/holdfast`. */
  readonly config: string;
  /** Catalog, added plugins, sealed secrets: `$XDG_DATA_HOME/holdfast`. */
  readonly data: string;
  /** Index caches: `$XDG_CACHE_HOME/holdfast`. */
  readonly cache: string;
}

/** Schemas of contributions, so that one schema of the whole configuration can be put together. */
export interface KnownSchemas {
  /** Ids of targets of the media-library shape: they hold no repository, so they take no `passphrase`. Default is none. */
  readonly mediaTargets?: readonly string[];
  readonly hypervisors: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly targets: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Absent: none. */
  readonly notifiers?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly plugins: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/**
 * A reference to a secret: `env:NAME`, `file:/path`, `command:program arg …`, `keyring:service/account`, `systemd:name`, `sealed:name`.
 * Never the secret itself.
 */
export type SecretReference = string;

/** Resolves secret references. Each value is kept only as long as the caller holds it. */
export interface Secrets {
  /** @throws `SECRET_UNAVAILABLE` naming the reference, never the value. */
  resolve(reference: SecretReference, signal: AbortSignal): Promise<string>;
}
