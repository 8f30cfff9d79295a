import type { Workbench, WorkbenchParts } from './contract.ts';
import { Session } from './frame/session.ts';

export type { Workbench, WorkbenchParts } from './contract.ts';

/** Opens the workbench on a terminal. It is there at once; what it shows comes as the desk answers. */
export function openWorkbench(parts: WorkbenchParts): Workbench {
  return new Session(parts);
}
