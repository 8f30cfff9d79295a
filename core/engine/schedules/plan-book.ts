import type { Catalog, PolicySetRow } from '../../catalog/contract.ts';
import type { Policy, PolicySet, PolicyWorkflow } from '../../model/policies/contract.ts';
import type { Timetable } from '../../model/schedules/contract.ts';
import { openTimetable } from '../../model/schedules/timetable.ts';
import type { AppliedPolicies } from '../policies/contract.ts';
import { policiesInForce, readApplied } from '../policies/in-force.ts';

/** A workflow of the policies in force, with its times. */
export interface Entry {
  readonly policy: Policy;
  readonly workflow: PolicyWorkflow;
  readonly table: Timetable;
}

/** The policies in force as schedules need them. */
export interface Book {
  readonly applied: AppliedPolicies;
  readonly entries: readonly Entry[];
  find(policy: string, workflow: string): Entry | null;
}

/** Reads the policies in force; what follows from them is made once for each application. */
export class PlanBook {
  readonly #catalog: Catalog;
  #book: Book | null = null;
  /** Answers of `since` for the book that is open. */
  readonly #since = new Map<string, { readonly until: number; readonly since: number }>();

  constructor(catalog: Catalog) {
    this.#catalog = catalog;
  }

  /** `null` when none were ever applied. Throws `POLICY_INVALID` when they cannot be read any more. */
  async open(): Promise<Book | null> {
    const applied = await policiesInForce(this.#catalog);
    if (applied === null) return null;
    if (this.#book?.applied.id !== applied.id) {
      this.#book = bookOf(applied);
      this.#since.clear();
    }
    return this.#book;
  }

  /**
   * Since when a workflow has been scheduled as it is, epoch milliseconds: what would have been due before then is nobody's fault. Looks back through
   * the sets that were applied after `until` only.
   */
  async since(entry: Entry, book: Book, until: number): Promise<number> {
    const key = keyOf(entry.policy.name, entry.workflow.name);
    const known = this.#since.get(key);
    if (known?.until === until) return known.since;
    const since = await this.#lookBack(entry, book, until);
    this.#since.set(key, { until, since });
    return since;
  }

  async #lookBack({ policy, workflow }: Entry, { applied }: Book, until: number): Promise<number> {
    if (applied.at <= until) return applied.at;
    const wanted = signature(applied.set, policy.name, workflow.name);
    let since = applied.at;
    for (const { id, at } of (await this.#catalog.policies.history()).filter(({ id }) => id < applied.id)) {
      if (since <= until) break;
      const row = await this.#catalog.policies.set(id);
      if (row === null || (await signatureIn(row, policy.name, workflow.name)) !== wanted) break;
      since = at;
    }
    return since;
  }
}

function bookOf(applied: AppliedPolicies): Book {
  const { zone, blackouts, policies } = applied.set;
  const entries = policies.flatMap((policy) =>
    policy.workflows.map((workflow): Entry => {
      const windows = workflow.windows ?? policy.windows;
      const table = openTimetable(workflow.when, { zone, windows, blackouts, catchUp: policy.catchUp });
      return { policy, workflow, table };
    }),
  );
  const byName = new Map(entries.map((entry) => [keyOf(entry.policy.name, entry.workflow.name), entry]));
  return { applied, entries, find: (policy, workflow) => byName.get(keyOf(policy, workflow)) ?? null };
}

/** A text for each workflow that no other has: names have no slash. */
export const keyOf = (policy: string, workflow: string): string => `${policy}/${workflow}`;

/** All that a workflow's times follow from; `null` when it is not there. */
function signature(set: PolicySet, policyName: string, workflowName: string): string | null {
  const policy = set.policies.find(({ name }) => name === policyName);
  const workflow = policy?.workflows.find(({ name }) => name === workflowName);
  if (policy === undefined || workflow === undefined) return null;
  return JSON.stringify([set.zone, policy.isPaused, workflow.when, workflow.windows ?? policy.windows]);
}

async function signatureIn(row: PolicySetRow, policy: string, workflow: string): Promise<string | null> {
  try {
    return signature((await readApplied(row)).set, policy, workflow);
  } catch {
    // An older set that this version cannot read was another one.
    return null;
  }
}
