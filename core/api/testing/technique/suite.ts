import { makeCall, type Plain } from '../../call.ts';
import { isHoldfastError } from '../../errors.ts';
import type { Artifacts, Port, Step } from '../../technique.ts';
import type { Check } from '../check.ts';
import { demand, demandFailure, demandNoBug } from '../expect.ts';
import { hostileTexts } from '../hostile.ts';
import { PracticeWorld } from './practice-world.ts';

/** What the suite needs: a step, its ports by the manifest, and settings that fit `practiceNames`. */
export interface TechniqueSuite {
  readonly step: Step;
  readonly needs: readonly Port[];
  readonly gives: readonly Port[];
  readonly settings: Readonly<Record<string, Plain>>;
}

const ports: readonly Port[] = ['machine', 'snapshot', 'restore-point', 'copy', 'replica', 'verification'];

/** Everything that the engine relies on in a step. It runs in a world of practice: nothing outside of memory is touched. */
export function techniqueChecks({ step, needs, gives, settings }: TechniqueSuite): readonly Check[] {
  const given = Object.fromEntries(gives.map((port) => [port, true]));
  const isGiven = (output: Artifacts): boolean => gives.every((port) => output[port] !== undefined);

  /** Runs the step and, when it got through, what it takes back in the end. */
  const perform = async (world: PracticeWorld, input: Artifacts): Promise<Artifacts> => {
    const output = await step.run(input, settings, world.run());
    await step.finish?.(output, settings, world.run());
    return output;
  };

  const undoAll = async (world: PracticeWorld): Promise<void> => {
    for (const intent of world.ledger.intents.values()) {
      await step.undo(intent, world.run(2));
      await step.undo(intent, world.run(2));
    }
  };

  return [
    {
      name: 'the step has the ports that its manifest declares',
      async run() {
        demand(
          [...needs, ...gives].every((port) => ports.includes(port)),
          'a port is not known',
        );
        demand([...step.needs].sort().join() === [...needs].sort().join(), `it needs ${step.needs.join(', ')}`);
        demand([...step.gives].sort().join() === [...gives].sort().join(), `it gives ${step.gives.join(', ')}`);
        return { needs: [...needs], gives: [...gives] };
      },
    },
    {
      name: 'a plan says what will be done and changes nothing',
      async run() {
        const world = new PracticeWorld();
        const input = await world.give(needs);
        const before = world.ledger.calls.length;
        const plan = await step.plan(input, settings, world.facts(), makeCall({ who: 'conformance' }));
        demand(world.ledger.calls.length === before, `it did: ${world.ledger.calls.slice(before).join(', ')}`);
        demand(plan.title.length > 0, 'the plan has no title');
        for (const key of ['readBytes', 'writeBytes', 'durationMs'] as const) {
          demand(Number.isFinite(plan[key]) && plan[key] >= 0, `${key} is ${plan[key]}`);
        }
        return { title: plan.title, slots: [...plan.slots], warnings: [...plan.warnings] };
      },
    },
    {
      name: 'a run gives what it says, settles what it announced, and leaves nothing else',
      async run() {
        const world = new PracticeWorld();
        const output = await perform(world, await world.give(needs));
        demand(isGiven(output), `it gave ${Object.keys(output).join(', ') || 'nothing'} and not ${gives.join(', ')}`);
        demand(
          Object.keys(output).every((port) => port in given),
          `it also gave ${Object.keys(output).join(', ')}`,
        );
        demand(world.ledger.intents.size === 0, `${world.ledger.intents.size} intents are open in the end`);
        const left = world.leftovers();
        demand(left.length === 0, `it left ${left.join(', ')}`);
        return [...world.ledger.calls];
      },
    },
    {
      name: 'nothing is made in the world that was not announced before',
      async run() {
        const world = new PracticeWorld();
        await step.run(await world.give(needs), settings, world.run());
        const { calls } = world.ledger;
        const makes = calls.findIndex(
          (call) => /^(snapshot|create|begin) /.test(call) && !isOfInput(call, needs, calls),
        );
        const announces = calls.findIndex((call) => call.startsWith('intend '));
        if (makes === -1) return 'makes nothing';
        demand(announces !== -1 && announces < makes, `${calls[makes]} came before anything was announced`);
        return calls[makes] ?? '';
      },
    },
    {
      name: 'wherever the process dies, undoing what was announced leaves nothing behind, also when done twice',
      async run() {
        const whole = new PracticeWorld();
        const start = (await startOf(whole, needs)).calls;
        await perform(whole, await whole.give(needs));
        const calls = whole.ledger.calls.length;
        for (let at = start; at < calls; at++) {
          const world = new PracticeWorld();
          const input = await world.give(needs);
          world.ledger.dieAt(at);
          const thrown: unknown = await perform(world, input).then(
            () => null,
            (reason: unknown) => reason,
          );
          const where = `after ${world.ledger.calls.at(-1) ?? 'nothing'}`;
          demand(isHoldfastError(thrown, 'WORKER_LOST'), `dying ${where} was not passed on`);
          world.restart();
          await undoAll(world);
          const left = world.leftovers();
          demand(left.length === 0, `dying ${where} left ${left.join(', ')}`);
        }
        return calls - start;
      },
    },
    {
      name: 'a run that was cancelled stops with CANCELLED, and undoing it leaves nothing behind',
      async run() {
        const world = new PracticeWorld();
        const input = await world.give(needs);
        const cancelled = makeCall({ signal: AbortSignal.abort(), who: 'conformance' });
        const run = () => step.run(input, settings, world.run(1, cancelled));
        const code = await demandFailure(run, ['CANCELLED'], 'a run whose signal has aborted');
        await undoAll(world);
        const left = world.leftovers();
        demand(left.length === 0, `it left ${left.join(', ')}`);
        return code;
      },
    },
    {
      name: 'a run after a failed one succeeds',
      async run() {
        const world = new PracticeWorld();
        const input = await world.give(needs);
        world.ledger.dieAt(world.ledger.calls.length + 3);
        await demandNoBug(() => perform(world, input), 'a run that dies at its fourth call');
        world.restart();
        await undoAll(world);
        world.ledger.intents.clear();
        const output = await step.run(input, settings, world.run(2));
        demand(isGiven(output), 'the second run gave less');
        await step.finish?.(output, settings, world.run(2));
        return null;
      },
    },
    {
      name: 'a machine with a hostile name is treated like any other',
      async run() {
        for (const name of hostileTexts) {
          const world = new PracticeWorld(name);
          const how = await demandNoBug(
            async () => await perform(world, await world.give(needs)),
            `a machine named ${JSON.stringify(name.slice(0, 40))}`,
          );
          demand(how === 'ok', `a machine named ${JSON.stringify(name.slice(0, 40))} failed with ${how}`);
        }
        return hostileTexts.length;
      },
    },
    {
      name: 'an intent that makes no sense is undone without harm',
      async run() {
        for (const state of [null, {}, [], 'text', 7, { endpoint: '../..', snapshot: 7 }] as const) {
          const world = new PracticeWorld();
          const intent = { id: 'intent-x', run: 'run-x', kind: 'unknown', state, createdAt: 0 };
          await demandNoBug(() => step.undo(intent, world.run()), `the intent ${JSON.stringify(state)}`);
        }
        return null;
      },
    },
  ];
}

/** Calls that only made what the step is given. */
async function startOf(_world: PracticeWorld, needs: readonly Port[]): Promise<{ readonly calls: number }> {
  const world = new PracticeWorld();
  await world.give(needs);
  return { calls: world.ledger.calls.length };
}

/** The snapshot that the step was given, not one of its own. */
function isOfInput(call: string, needs: readonly Port[], calls: readonly string[]): boolean {
  return needs.includes('snapshot') && calls.indexOf(call) === 0;
}
