import { emptyMap, type Located, type LocatedEntry, type LocatedMap, type Spot } from './located.ts';
import { coreProperties, sectionNames } from './schema/core-schema.ts';

const spot: Spot = { layer: 'default', place: 'default', line: 0, column: 0 };

/** The lowest layer: every section is there, with the defaults of core's schema. */
export function defaultLayer(): LocatedMap {
  const entries = new Map<string, LocatedEntry>(
    sectionNames.map((name) => [name, { key: spot, value: defaultOf(name) }]),
  );
  return { kind: 'map', entries, spot };
}

function defaultOf(name: (typeof sectionNames)[number]): Located {
  if (name === 'compression' || name === 'workers') {
    return { kind: 'scalar', value: coreProperties[name].default, spot };
  }
  return emptyMap(spot);
}
