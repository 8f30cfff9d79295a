import type { CommandResult } from '@holdfast/api';
import type { Actor } from '../../../core/shell/access/contract.ts';
import { type FakeDesk, fakeDesk } from '../../terminal/workbench/fake-desk.ts';

export const machineCount = 10_000;
const names = Array.from({ length: machineCount }, (_, index) => `vm-${String(index).padStart(5, '0')}`);

const list = (): Promise<CommandResult> =>
  fakeDesk({ machines: names }).run('machine.list', {}, { signal: new AbortController().signal, ask: null });

const shared = await list();

/**
 * A desk in memory with 10,000 machines, so that the workbench is measured and not who answers it.
 * @param isShared Whether all sessions look at one and the same answer; otherwise each has its own.
 */
export const largeDesk = (actor: Partial<Actor> = {}, isShared = true): FakeDesk =>
  fakeDesk({ actor, machines: names, answers: { 'machine.list': () => (isShared ? shared : list()) } });
