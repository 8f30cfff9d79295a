import { randomBytes } from 'node:crypto';
import { isHoldfastError } from '@holdfast/api';
import type { AlarmStore, CatalogMethods, JobStore, LeaseStore, PolicyStore } from '../contract.ts';
import { prepareFile } from './catalog-file.ts';
import { openCopying } from './copying.ts';
import { Database } from './database.ts';
import { damaged, unreadable } from './failures.ts';
import { openHealth } from './health.ts';
import { migrate, requireKnownSchema } from './schema/migrate.ts';
import { type Migration, newestSchema, migrations as released } from './schema/migrations.ts';
import type { AtOnce, Session } from './session.ts';
import { openAlarmStore } from './stores/alarms.ts';
import { openIntents } from './stores/intents.ts';
import { openInventory } from './stores/inventory.ts';
import { openLeases } from './stores/leases.ts';
import { openNotes } from './stores/notes.ts';
import { openPolicies } from './stores/policies.ts';
import { openRuns } from './stores/runs.ts';
import { openSteps } from './stores/steps.ts';

interface Stores {
  readonly jobs: AtOnce<JobStore>;
  readonly leases: AtOnce<LeaseStore>;
  readonly policies: AtOnce<PolicyStore>;
  readonly alarms: AtOnce<AlarmStore>;
  readonly catalog: AtOnce<CatalogMethods>;
}

/** A catalog that is open on this thread. */
export interface OpenedSession {
  readonly site: string;
  readonly epoch: string;
  /** Calls a method of a store. */
  call(store: string, method: string, given: readonly unknown[]): unknown;
  close(): void;
}

export interface SessionOptions {
  readonly file: string;
  readonly busyTimeoutMs: number;
  readonly now: () => number;
  /** Default are those of this version. */
  readonly migrations?: readonly Migration[];
}

/** Durable at each commit, one writer at a time, readers never in its way; see docs/decisions/catalog-in-sqlite.md. */
function setUp(database: Database, busyTimeoutMs: number): void {
  database.exec('pragma trusted_schema = off; pragma cell_size_check = on');
  const modeOf = (pragma: string) => database.pragma(pragma)[0]?.journal_mode;
  // While others open a new file too, SQLite refuses this at once instead of waiting.
  if (modeOf('journal_mode') !== 'wal' && patiently(busyTimeoutMs, () => modeOf('journal_mode = wal')) !== 'wal')
    throw unreadable(database.file, 'its file system has no shared memory for a write-ahead log');
  database.exec('pragma synchronous = full; pragma journal_size_limit = 16777216');
}

/** Tries again while another process is in the way. Makes this thread wait, as everything here does. */
function patiently<T>(limitMs: number, work: () => T): T {
  const until = performance.now() + limitMs;
  const never = new Int32Array(new SharedArrayBuffer(4));
  for (;;) {
    try {
      return work();
    } catch (failure) {
      if (!isHoldfastError(failure, 'CATALOG_BUSY') || performance.now() >= until) throw failure;
      Atomics.wait(never, 0, 0, 5);
    }
  }
}

function identify(database: Database, now: number): { readonly site: string; readonly epoch: string } {
  const read = (key: string) => database.one('metaByKey', { key })?.value;
  const [site, epoch] = database.read(() => [read('site'), read('epoch')]);
  if (site !== undefined && epoch !== undefined) return { site, epoch };
  if (site !== undefined || epoch !== undefined) throw damaged(database.file, 'it does not say whose it is');
  database.write(() => {
    for (const [key, value] of [
      ['site', randomBytes(16).toString('hex')],
      ['epoch', randomBytes(16).toString('hex')],
      ['created_at', String(now)],
    ] as const)
      database.run('insertMeta', { key, value });
  });
  return identify(database, now);
}

type Method = (...given: readonly unknown[]) => unknown;

function callMethod(stores: object, store: string, method: string, given: readonly unknown[]): unknown {
  const named = stores as Readonly<Record<string, Readonly<Record<string, Method>>>>;
  const call = named[store]?.[method];
  if (call === undefined) throw new Error(`the catalog has no ${store}.${method}`);
  return call(...given);
}

/** Opens a catalog on this thread, making or migrating it first where needed. */
export function openSession(options: SessionOptions): OpenedSession {
  prepareFile(options.file);
  const database = new Database(options.file, options.busyTimeoutMs);
  try {
    const migrations = options.migrations ?? released;
    // Before anything is written: a file that is not ours, or newer than us, stays as it is.
    database.read(() => requireKnownSchema(database, newestSchema(migrations)));
    setUp(database, options.busyTimeoutMs);
    migrate(database, migrations);
    const session: Session = { database, ...identify(database, options.now()), now: options.now };
    const stores: Stores = {
      jobs: { ...openRuns(session), ...openSteps(session), ...openIntents(session), ...openNotes(session) },
      leases: openLeases(session),
      policies: openPolicies(session),
      alarms: openAlarmStore(session),
      catalog: { ...openInventory(session), ...openHealth(session), ...openCopying(session) },
    };
    return {
      site: session.site,
      epoch: session.epoch,
      call: (store, method, given) => callMethod(stores, store, method, given),
      close: () => database[Symbol.dispose](),
    };
  } catch (failure) {
    database[Symbol.dispose]();
    throw failure;
  }
}
