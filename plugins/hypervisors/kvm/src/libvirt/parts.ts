import type { Inventory } from './inventory.ts';
import type { Places } from './places.ts';
import type { LibvirtSettings } from './settings.ts';
import type { Virsh } from './virsh.ts';

/** What everything here is made of. */
export interface Parts {
  readonly virsh: Virsh;
  readonly places: Places;
  readonly inventory: Inventory;
  readonly settings: LibvirtSettings;
  readonly now: () => number;
}
