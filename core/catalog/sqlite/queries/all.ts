import * as alarms from './alarms.ts';
import * as intents from './intents.ts';
import * as inventory from './inventory.ts';
import * as leases from './leases.ts';
import * as meta from './meta.ts';
import * as notes from './notes.ts';
import * as points from './points.ts';
import * as policies from './policies.ts';
import * as runs from './runs.ts';
import * as steps from './steps.ts';

/** Every query of the catalog, by name. Loads the query builder: at run time only its type is used, and the SQL of compiled-queries.ts. */
export const queries = {
  ...alarms,
  ...intents,
  ...inventory,
  ...leases,
  ...meta,
  ...notes,
  ...points,
  ...policies,
  ...runs,
  ...steps,
};
