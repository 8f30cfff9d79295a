import type { AlarmStore, CatalogMethods, JobStore, LeaseStore, PolicyStore } from './contract.ts';

/** Calls a method of a store, wherever the stores are. */
export type CallStore = (store: string, method: string, given: readonly unknown[]) => Promise<unknown>;

/** A bug of the caller: a catalog is closed when nobody needs it any more. */
export const closedTooEarly = (store: string, method: string): Error =>
  new Error(`${store}.${method} was called after the catalog was closed`);

/** Each method of a store, so that the compiler misses none. */
type Methods<T> = Readonly<Record<keyof T, true>>;

const jobMethods: Methods<JobStore> = {
  add: true,
  get: true,
  list: true,
  claim: true,
  claimEnded: true,
  heartbeat: true,
  saveStep: true,
  steps: true,
  finish: true,
  retry: true,
  askCancel: true,
  intend: true,
  amendIntent: true,
  settleIntent: true,
  openIntents: true,
  orphans: true,
  prune: true,
  because: true,
  reasons: true,
  log: true,
  logLines: true,
};

const leaseMethods: Methods<LeaseStore> = {
  take: true,
  renew: true,
  release: true,
  peek: true,
  takeSlot: true,
  slots: true,
};

const policyMethods: Methods<PolicyStore> = {
  applied: true,
  history: true,
  set: true,
  apply: true,
  schedules: true,
  fire: true,
  keepSchedules: true,
  waiting: true,
  runsSince: true,
};

const alarmMethods: Methods<AlarmStore> = {
  open: true,
  since: true,
  change: true,
  queue: true,
  due: true,
  sent: true,
  failed: true,
  notices: true,
};

const catalogMethods: Methods<CatalogMethods> = {
  seenMachines: true,
  machines: true,
  savePoints: true,
  points: true,
  pointCounts: true,
  missingPoints: true,
  forgottenPoints: true,
  pointSums: true,
  runDays: true,
  machineNames: true,
  setCopy: true,
  copies: true,
  check: true,
};

const remote = <T>(store: string, methods: Methods<T>, call: CallStore): T =>
  Object.fromEntries(
    Object.keys(methods).map((method) => [method, (...given: readonly unknown[]) => call(store, method, given)]),
  ) as T;

/** The stores of a catalog whose methods are called elsewhere. */
export const remoteStores = (call: CallStore) => ({
  ...remote<CatalogMethods>('catalog', catalogMethods, call),
  jobs: remote<JobStore>('jobs', jobMethods, call),
  leases: remote<LeaseStore>('leases', leaseMethods, call),
  policies: remote<PolicyStore>('policies', policyMethods, call),
  alarms: remote<AlarmStore>('alarms', alarmMethods, call),
});
