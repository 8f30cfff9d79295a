import type { PolicyEngine } from '../policies/contract.ts';
import type { EngineParts } from '../run/parts.ts';
import type { AlarmEngine } from './contract.ts';
import { fromRow } from './row.ts';
import { byGravity } from './severity.ts';

/**
 * Opens what watches over promises and tells administrators. It holds nothing that would have to be closed. What it takes to look and to tell is loaded
 * when somebody does: most commands do neither.
 * @see docs/decisions/notices.md
 */
export function openAlarms(parts: EngineParts, policies: PolicyEngine): AlarmEngine {
  let made: Promise<AlarmEngine> | null = null;
  const engine = (): Promise<AlarmEngine> => {
    made ??= import('./engine.ts').then(({ makeAlarms }) => makeAlarms(parts, policies));
    return made;
  };
  return {
    look: async (call) => (await engine()).look(call),
    deliver: async (call) => (await engine()).deliver(call),
    open: async () => (await parts.catalog.alarms.open()).map(fromRow).toSorted(byGravity),
  };
}
