import { type Call, makeCall, type Plain } from '../../call.ts';
import { HoldfastError } from '../../errors.ts';
import type { Artifacts, Intent, PlanFacts, Port, StepRun } from '../../technique.ts';
import { PracticeHypervisor } from './practice-hypervisor.ts';
import { PracticeLedger } from './practice-ledger.ts';
import { practiceMachine } from './practice-machine.ts';
import { metaOf, PracticeRepository } from './practice-repository.ts';

const takenAt = 1_700_000_000_000;

/** Names under which a world of practice has its endpoint, its target and its machine. */
export const practiceNames = { endpoint: 'practice', target: 'practice-store' } as const;

/**
 * A small world in memory in which a step can be run: one endpoint, one target, one machine. It moves no bytes; it keeps
 * account of what was announced, made and removed, and can fail at any call.
 */
export class PracticeWorld {
  readonly ledger = new PracticeLedger();
  readonly hypervisor: PracticeHypervisor;
  readonly repository: PracticeRepository;
  readonly slots = new Set<string>();
  readonly #machineName: string;

  constructor(machineName = 'practice-machine') {
    this.#machineName = machineName;
    this.hypervisor = new PracticeHypervisor(this.ledger, practiceMachine('m-1', machineName));
    this.repository = new PracticeRepository(this.ledger, practiceNames.target);
    const machine = practiceMachine('m-0', 'earlier-machine');
    this.repository.add('point-0', metaOf(machine, practiceNames.endpoint, takenAt));
  }

  /** Artifacts for these ports, made outside of any step. */
  async give(ports: readonly Port[]): Promise<Artifacts> {
    const { endpoint, target } = practiceNames;
    const machine = practiceMachine('m-1', this.#machineName);
    const made: { -readonly [K in keyof Artifacts]: Artifacts[K] } = {};
    for (const port of ports) {
      if (port === 'machine') made.machine = { endpoint, machine };
      else if (port === 'restore-point') {
        made['restore-point'] = { target, point: 'point-0', machine: 'm-0', takenAt };
      } else if (port === 'copy') made.copy = { target, point: 'point-0' };
      else if (port === 'replica') made.replica = { endpoint, machine: 'm-1' };
      else if (port === 'verification') made.verification = { ok: true, checkedAt: takenAt, detail: 'practice' };
      else {
        const owner = { site: 'elsewhere', intent: 'given', run: 'given', createdAt: takenAt };
        const { id, ...taken } = await this.hypervisor.snapshot('m-1', { quiesce: 'none', owner }, makeCall());
        made.snapshot = { ...taken, endpoint, machine, snapshot: id };
      }
    }
    return made;
  }

  /** What is left in the world of the site of these checks: things, open writers, held slots. */
  leftovers(): readonly string[] {
    const things = [...this.hypervisor.things.values()].filter((thing) => thing.owner.site === practiceSite);
    return [
      ...things.map((thing) => `${thing.kind} ${thing.title}`),
      ...[...this.repository.writers].map((writer) => `open ${writer}`),
    ];
  }

  /** Another process takes over: open writers and held slots went with the one that died. */
  restart(): void {
    this.ledger.dieAt(null);
    this.repository.writers.clear();
    this.slots.clear();
  }

  facts(): PlanFacts {
    return {
      latest: async () => null,
      sheet: async () => ({}),
      point: async ({ point }) => this.repository.committed.get(point)?.summary ?? null,
      speed: async () => null,
    };
  }

  run(attempt = 1, call: Call = makeCall({ who: 'conformance' })): StepRun {
    const { ledger } = this;
    return {
      ...call,
      run: 'practice-run',
      attempt,
      site: practiceSite,
      resume: ledger.checkpoint,
      now: () => takenAt + ledger.calls.length,
      hypervisor: async (endpoint) => named(endpoint, practiceNames.endpoint, this.hypervisor, 'ENDPOINT_NOT_FOUND'),
      repository: async (target) => named(target, practiceNames.target, this.repository, 'TARGET_NOT_FOUND'),
      media: async (target) => {
        throw new HoldfastError('TARGET_NOT_FOUND', `no media library ${target}`);
      },
      move: async (from, to) => {
        ledger.enter(`move ${from.kind} to ${to.kind}`, call);
        const bytes = from.sizeBytes;
        return {
          readBytes: bytes,
          zeroBytes: bytes / 2,
          duplicateBytes: 0,
          newBytes: bytes / 2,
          storedBytes: bytes / 4,
          durationMs: 1,
          bottleneck: 'source',
        };
      },
      latest: async () => [...this.repository.committed.values()].map(({ summary }) => summary),
      intend: async ({ kind, state }) => {
        ledger.enter(`intend ${kind}`, call);
        const id = ledger.nextId('intent');
        ledger.intents.set(id, { id, run: 'practice-run', kind, state, createdAt: takenAt });
        return id;
      },
      amend: async (id, state) => {
        ledger.enter(`amend ${id}`, call);
        ledger.intents.set(id, { ...this.#intent(id), state });
      },
      settle: async (id) => {
        ledger.enter(`settle ${id}`, call);
        ledger.intents.delete(id);
      },
      checkpoint: async (state: Plain) => {
        ledger.enter('checkpoint', call);
        ledger.checkpoint = structuredClone(state);
      },
      slot: async (name) => {
        ledger.enter(`slot ${name}`, call);
        this.slots.add(name);
        return { release: async () => void this.slots.delete(name) };
      },
      because: ({ decision, because }) => void ledger.reasons.push(`${decision}: ${because}`),
    };
  }

  #intent(id: string): Intent {
    const intent = this.ledger.intents.get(id);
    if (intent === undefined) throw new HoldfastError('INTERNAL', `no intent ${id}`);
    return intent;
  }
}

const practiceSite = 'conformance';

function named<T>(asked: string, known: string, thing: T, code: 'ENDPOINT_NOT_FOUND' | 'TARGET_NOT_FOUND'): T {
  if (asked !== known) throw new HoldfastError(code, `nothing is named ${asked}`);
  return thing;
}
