import type { ObjectKind } from '../check/inventory.ts';
import type { Damage } from '../damage.ts';
import type { RepairAct } from './contract.ts';

const NEXT: Readonly<Partial<Record<ObjectKind, string>>> = {
  format: 'put back a copy of it from another copy of the repository: without it nobody can open this one',
  key: 'put back a copy of it; as long as another key opens the repository nothing is lost, and this one can be removed',
  commit:
    'put back a copy of it from another copy of the repository; else its restore point is lost, and the next run makes a new one',
  catalog: 'older copies are still read, and the next run saves a new one',
};

/** What people can do where a repair cannot do anything. */
export function beyondRepair(kind: ObjectKind | null, damage: Damage): Pick<RepairAct, 'act' | 'detail'> {
  return { act: 'none', detail: kind === 'manifest' ? ofManifest(damage) : (kind && NEXT[kind]) || OTHER };
}

function ofManifest({ concerns }: Damage): string {
  const isWhole = concerns.length > 0 && concerns.every(({ disk }) => disk !== '*');
  // The manifest itself is as it was; what it names is not there.
  if (isWhole) return READ_AGAIN;
  return 'put back a copy of it from another copy of the repository; else forget the restore point: the next run makes a new one';
}

const READ_AGAIN =
  'what is lost is read from its source by the next run of the machine, where that has not changed; if that does not mend it, forget the restore point';
const OTHER = 'look at it and remove it by hand if it is not needed';
