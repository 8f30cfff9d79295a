import {
  type Call,
  type HoldfastError,
  isHoldfastError,
  type Machine,
  type PlanFacts,
  type StepPlan,
} from '@holdfast/api';
import type { MachineRecord } from '../../catalog/contract.ts';
import type { LoadedConfig } from '../../config/contract.ts';
import type { PluginHost } from '../../host/contract.ts';
import { sheetOf } from '../plan/facts.ts';
import type { Knowledge } from './knowledge.ts';
import type { OpenWorkflow } from './workflows.ts';

/** What the steps of a workflow say of a machine: the slots that they hold, and what they cannot do. */
export interface StepPlans {
  readonly slots: readonly string[];
  readonly warnings: readonly string[];
  /** Why a step refuses; `null` when none does. */
  readonly refusal: HoldfastError | null;
}

/**
 * Asks the steps of workflows what they would do. Machines of one endpoint that lie on the same host and storage get the same answer, so one of
 * them is asked for all: a thousand machines are a handful of questions.
 */
export class StepPlanner {
  readonly #host: PluginHost;
  readonly #config: LoadedConfig;
  readonly #knowledge: Knowledge;
  readonly #call: Call;
  readonly #plans = new Map<string, StepPlans>();
  readonly #places = new WeakMap<MachineRecord, string>();

  constructor(host: PluginHost, config: LoadedConfig, knowledge: Knowledge, call: Call) {
    this.#host = host;
    this.#config = config;
    this.#knowledge = knowledge;
    this.#call = call;
  }

  async plan(workflow: OpenWorkflow, record: MachineRecord): Promise<StepPlans> {
    return this.known(workflow, record) ?? this.#ask(workflow, record);
  }

  /** The answer where it was given before: nothing is waited for a thousand times. */
  known({ kind }: OpenWorkflow, record: MachineRecord): StepPlans | null {
    return this.#plans.get(this.#keyOf(kind, record)) ?? null;
  }

  #keyOf(kind: string, record: MachineRecord): string {
    let place = this.#places.get(record);
    if (place === undefined) {
      place = placeOf(record);
      this.#places.set(record, place);
    }
    return `${kind}\n${place}`;
  }

  async #ask(workflow: OpenWorkflow, record: MachineRecord): Promise<StepPlans> {
    const plans = await this.#asked(workflow, record);
    this.#plans.set(this.#keyOf(workflow.kind, record), plans);
    return plans;
  }

  async #asked({ composed }: OpenWorkflow, { endpoint, machine }: MachineRecord): Promise<StepPlans> {
    const plans: StepPlan[] = [];
    try {
      for (const { use, settings } of composed.steps) {
        const step = await this.#host.step(use);
        plans.push(
          await step.plan({ machine: { endpoint, machine } }, settings, this.#facts(endpoint, machine), this.#call),
        );
      }
    } catch (problem) {
      if (!isHoldfastError(problem) || problem.code === 'CANCELLED') throw problem;
      return { slots: [], warnings: [], refusal: problem };
    }
    return {
      slots: [...new Set(plans.flatMap(({ slots }) => slots))],
      // What is said of one machine by name says nothing of the others.
      warnings: plans.flatMap(({ warnings }) => warnings).filter((text) => !text.includes(machine.name)),
      refusal: null,
    };
  }

  #facts(endpoint: string, machine: Machine): PlanFacts {
    const { speed, pointsOf } = this.#knowledge;
    return {
      latest: async (target) => pointsOf(endpoint, machine.id, target)[0] ?? null,
      sheet: async (name) => sheetOf({ host: this.#host, config: this.#config }, name),
      point: async ({ target, point }) =>
        pointsOf(endpoint, machine.id, target).find((known) => known.point === point) ?? null,
      speed: async (from, to) => {
        const measured = speed(from, to);
        return measured === null ? null : measured * 1_000;
      },
    };
  }
}

/** What slots can depend on. */
function placeOf({ endpoint, machine }: MachineRecord): string {
  const storages = [...new Set(machine.disks.map(({ storage }) => storage ?? ''))].sort();
  return JSON.stringify([endpoint, machine.host ?? '', machine.power, storages]);
}
