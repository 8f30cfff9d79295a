import { access, constants } from 'node:fs/promises';
import type { Call, CheckItem } from '@holdfast/api';
import { isHoldfastError } from '@holdfast/api';
import type { Inventory } from './inventory/inventory.ts';
import { readImageLocks } from './inventory/locks.ts';

/** Looks at what an endpoint will need, and changes nothing. */
export async function checkFolder(root: string, inventory: Inventory, call: Call): Promise<readonly CheckItem[]> {
  const items: CheckItem[] = [];
  try {
    const found = await inventory.list(call);
    items.push({ title: 'the folder can be read', state: 'ok', detail: root });
    items.push(machinesItem(found.map(({ machine }) => machine)));
  } catch (thrown) {
    if (!isHoldfastError(thrown, 'ENDPOINT_UNREACHABLE')) throw thrown;
    items.push({
      title: 'the folder can be read',
      state: 'failed',
      detail: thrown.message,
      remedy: thrown.remedy ?? 'check that it is there, mounted and readable',
    });
    return items;
  }
  items.push(await writableItem(root));
  items.push(await locksItem());
  return items;
}

function machinesItem(machines: readonly { readonly name: string; readonly problem?: string }[]): CheckItem {
  const title = 'machines can be protected';
  const bad = machines.filter((machine) => machine.problem !== undefined);
  const detail = `${machines.length - bad.length} of ${machines.length} can`;
  if (bad.length === 0) return { title, state: 'ok', detail };
  return { title, state: 'warning', detail, remedy: 'see what is wrong with `holdfast machine list`' };
}

async function writableItem(root: string): Promise<CheckItem> {
  const title = 'the folder can be written';
  const writable = await access(root, constants.W_OK).then(
    () => true,
    () => false,
  );
  if (writable) return { title, state: 'ok', detail: 'machines can be restored into it' };
  return {
    title,
    state: 'warning',
    detail: 'machines can be protected from it, but not restored into it',
    remedy: 'give the user that Holdfast runs as the right to write, or restore to another endpoint',
  };
}

async function locksItem(): Promise<CheckItem> {
  const title = 'running machines are recognised';
  const { known } = await readImageLocks();
  if (known)
    return {
      title,
      state: 'ok',
      detail: 'by the locks that QEMU holds on this host; those of other hosts are not seen',
    };
  return {
    title,
    state: 'warning',
    detail: 'the system does not show which files are locked',
    remedy:
      'make sure that machines are switched off while they are protected; a change in mid-run is noticed in any case',
  };
}
