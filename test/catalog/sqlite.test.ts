import { alarmStoreConformance } from './alarm-store-conformance.ts';
import { jobStoreConformance } from './job-store-conformance.ts';
import { leaseStoreConformance } from './lease-store-conformance.ts';
import { policyStoreConformance } from './policy-store-conformance.ts';
import { sqliteBench } from './sqlite-bench.ts';

alarmStoreConformance(
  'SQLite',
  sqliteBench((catalog) => catalog.alarms),
);
jobStoreConformance(
  'SQLite',
  sqliteBench((catalog) => catalog.jobs),
);
leaseStoreConformance(
  'SQLite',
  sqliteBench((catalog) => catalog.leases),
);
policyStoreConformance(
  'SQLite',
  sqliteBench((catalog) => catalog),
);
