import type { Catalog, MachineRecord } from '../../catalog/contract.ts';
import type { PolicySet } from '../../model/policies/contract.ts';
import { protecting, strictest } from '../../model/policies/select.ts';
import { timeInWords } from '../../model/policies/words.ts';
import type { Covered, PolicyEngine } from '../policies/contract.ts';
import { readApplied } from '../policies/in-force.ts';
import { machineKey, moment, type Progress } from './failed-runs.ts';
import { alarmOf, type FoundAlarm } from './found.ts';

/** Finds machines whose newest restore point is older than their policies promise. Keeps what sets of the past say. */
export class MissedPoints {
  readonly #catalog: Catalog;
  readonly #policies: PolicyEngine;
  readonly #sets = new Map<number, PolicySet | null>();

  constructor(catalog: Catalog, policies: PolicyEngine) {
    this.#catalog = catalog;
    this.#policies = policies;
  }

  /** One for each machine. A machine without any point counts from when it was first promised one. */
  async find({ newest }: Progress, now: number): Promise<readonly FoundAlarm[]> {
    const covered = await this.#policies.coverage();
    const promised = covered.filter(({ rpoMs }) => rpoMs !== null);
    const bare = promised.filter((one) => !newest.has(machineKey(one)));
    const since = bare.length === 0 ? new Map<string, number>() : await this.#promisedSince(bare);
    return promised.flatMap((one) => {
      const key = machineKey(one);
      const newestAt = newest.get(key) ?? null;
      const from = newestAt ?? since.get(key) ?? now;
      const rpoMs = one.rpoMs ?? 0;
      return now - from > rpoMs ? [missedAlarm(one, rpoMs, newestAt, from)] : [];
    });
  }

  /** Since when the policies in force promise something to each of these machines without a break. */
  async #promisedSince(machines: readonly Covered[]): Promise<ReadonlyMap<string, number>> {
    const since = new Map<string, number>();
    const records = new Map(
      (await this.#catalog.machines({ gone: false })).map((one) => [`${one.endpoint}\n${one.machine.id}`, one]),
    );
    let open = machines.flatMap((one): readonly MachineRecord[] => {
      const record = records.get(machineKey(one));
      return record === undefined ? [] : [record];
    });
    for (const { id, at } of await this.#catalog.policies.history()) {
      const set = await this.#setOf(id);
      open = open.filter((record) => set !== null && strictest(protecting(set.policies, record)).rpoMs !== null);
      if (open.length === 0) break;
      for (const { endpoint, machine } of open) since.set(`${endpoint}\n${machine.id}`, at);
    }
    return since;
  }

  async #setOf(id: number): Promise<PolicySet | null> {
    const known = this.#sets.get(id);
    if (known !== undefined) return known;
    const row = await this.#catalog.policies.set(id);
    let set: PolicySet | null = null;
    try {
      set = row === null ? null : (await readApplied(row)).set;
    } catch {
      // A set of the past that this version cannot read promised nothing that could be told now.
    }
    // The catalog keeps so many.
    if (this.#sets.size >= 100) this.#sets.clear();
    this.#sets.set(id, set);
    return set;
  }
}

function missedAlarm(one: Covered, rpoMs: number, newestAt: number | null, from: number): FoundAlarm {
  const { endpoint, machine, name, policies } = one;
  const place = `${endpoint}/${name}`;
  const promise = timeInWords(rpoMs);
  const policy = policies.join(', ');
  const what =
    newestAt === null
      ? `It has no restore point, and ${policy} promises one since ${moment(from)}.`
      : `Its newest restore point is of ${moment(newestAt)}, and ${policy} promises that none is older than ${promise}.`;
  return alarmOf({
    key: `rpo ${endpoint}/${machine}`,
    kind: 'rpo-missed',
    severity: 'critical',
    title:
      newestAt === null
        ? `${name}: RPO of ${promise} missed: there is no restore point`
        : `${name}: RPO of ${promise} missed since ${moment(from + rpoMs)}`,
    lines: [what],
    remedy: `holdfast protect ${place}`,
    facts: { endpoint, machine, name, policy: policies[0] ?? null, rpoMs, newestPointAt: newestAt },
    since: from + rpoMs,
  });
}
