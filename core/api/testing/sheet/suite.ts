import { makeCall } from '../../call.ts';
import type { Hypervisor } from '../../hypervisor.ts';
import { checkSheet, type SheetFamily } from '../../sheet/sheet.ts';
import type { ObjectStore } from '../../target.ts';
import type { Check } from '../check.ts';
import { demand } from '../expect.ts';

/** What the suite needs: a sheet, and what it speaks of where that can be tried. */
export interface SheetSuite {
  readonly families: readonly SheetFamily[];
  readonly answers: unknown;
  readonly hypervisor?: Hypervisor;
  readonly store?: ObjectStore;
}

/** Whether a capability sheet is whole, and says what the methods can do. */
export function sheetChecks(suite: SheetSuite): readonly Check[] {
  const { families, answers, hypervisor, store } = suite;
  const checks: Check[] = [
    {
      name: 'the sheet answers every question that it is asked',
      async run() {
        const problems = checkSheet(families, answers);
        demand(problems.length === 0, problems.map(({ path, message }) => `${path.slice(1)} ${message}`).join('; '));
        return [...families];
      },
    },
    {
      name: 'an answer that says it was measured has a figure',
      async run() {
        for (const id of ['N6', 'G7', 'G11', 'P4']) {
          if (!isMeasured(answers, id)) continue;
          const figures = Object.values(objectOf(givenFor(answers, id)));
          demand(
            figures.some((figure) => typeof figure === 'number'),
            `${id} says measured and holds no figure`,
          );
        }
        return null;
      },
    },
  ];
  if (hypervisor !== undefined) checks.push(...hypervisorAgreement(answers, hypervisor));
  if (store !== undefined) checks.push(storeAgreement(answers, store));
  return checks;
}

function hypervisorAgreement(answers: unknown, hypervisor: Hypervisor): readonly Check[] {
  return [
    {
      name: 'the sheet and the methods agree on moving machines (M2)',
      async run() {
        const ways = listOf(givenFor(answers, 'M2'));
        const canMove = ['live', 'suspended', 'off'].some((way) => ways.includes(way));
        const has = hypervisor.migrate !== undefined;
        demand(canMove === has, `M2 says ${ways.join(', ') || 'nothing'}, and migrate is ${has ? 'there' : 'missing'}`);
        return has;
      },
    },
    {
      name: 'the sheet and the methods agree on changed blocks (N7)',
      async run() {
        const { changedBlocks } = objectOf(givenFor(answers, 'N7'));
        const has = hypervisor.changes !== undefined;
        const says = changedBlocks === undefined ? 'nothing' : String(changedBlocks);
        demand((says === 'tracked') === has, `N7 says ${says}, and changes is ${has ? 'there' : 'missing'}`);
        return has;
      },
    },
  ];
}

function storeAgreement(answers: unknown, store: ObjectStore): Check {
  return {
    name: 'the sheet and a probe agree on locks (immutability)',
    async run() {
      const { lockUntil } = await store.probe(makeCall({ who: 'conformance' }));
      const says = String(givenFor(answers, 'immutability'));
      demand(lockUntil || ['none', 'medium'].includes(says), `immutability says ${says}, and the store cannot lock`);
      return lockUntil;
    },
  };
}

function answerOf(answers: unknown, id: string): Readonly<Record<string, unknown>> {
  return objectOf(objectOf(answers)[id]);
}

const givenFor = (answers: unknown, id: string): unknown => answerOf(answers, id).value;
const isMeasured = (answers: unknown, id: string): boolean => answerOf(answers, id).evidence === 'measured';

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function listOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}
