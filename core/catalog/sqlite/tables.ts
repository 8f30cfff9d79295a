import type { Generated } from 'kysely';

/** Facts of the catalog itself: `site`, `epoch`, `created_at`. */
interface MetaTable {
  key: string;
  value: string;
}

interface MachinesTable {
  endpoint: string;
  id: string;
  name: string;
  machine: string;
  seen_at: number;
  gone_at: number | null;
}

interface RunsTable {
  seq: Generated<number>;
  id: string;
  kind: string;
  endpoint: string;
  machine: string;
  machine_name: string;
  state: string;
  steps: string;
  input: string;
  who: string;
  created_at: number;
  started_at: number | null;
  ended_at: number | null;
  attempts: Generated<number>;
  cancel_asked_by: string | null;
  error: string | null;
  progress: string | null;
  result: string;
  policy: string | null;
  not_before: Generated<number>;
}

interface StepsTable {
  run: string;
  step: number;
  use: string;
  state: string;
  started_at: number | null;
  ended_at: number | null;
  checkpoint: string;
  output: string | null;
  error: string | null;
}

interface IntentsTable {
  seq: Generated<number>;
  id: string;
  run: string;
  step: number;
  use: string;
  kind: string;
  state: string;
  created_at: number;
  settled_at: number | null;
}

interface LeasesTable {
  token: Generated<number>;
  kind: string;
  name: string;
  holder: string;
  expires_at: number;
  run: string | null;
}

interface PointsTable {
  target: string;
  point: string;
  endpoint: string;
  machine: string;
  machine_name: string;
  taken_at: number;
  committed_at: number;
  consistency: string;
  disks: string;
  size_bytes: number;
  stored_bytes: number;
}

interface CopiesTable {
  point: string;
  target: string;
  state: string;
  stored_bytes: number;
  seen_at: number;
}

interface ReasonsTable {
  run: string;
  line: number;
  at: number;
  decision: string;
  because: string;
}

interface LogLinesTable {
  run: string;
  line: number;
  at: number;
  level: string;
  text: string;
}

interface PolicySetsTable {
  id: Generated<number>;
  text: string;
  source: string;
  who: string;
  at: number;
}

interface SchedulesTable {
  policy: string;
  workflow: string;
  handled_until: number;
  last_due: number | null;
  last_fired_at: number | null;
  last_was_catch_up: Generated<number>;
  missed: Generated<number>;
}

interface AlarmsTable {
  seq: Generated<number>;
  key: string;
  kind: string;
  severity: string;
  title: string;
  text: string;
  remedy: string | null;
  facts: string;
  since: number;
  cleared_at: number | null;
}

interface NoticesTable {
  seq: Generated<number>;
  id: string;
  notifier: string;
  notice: string;
  attempts: Generated<number>;
  next_at: number;
  error: string | null;
  queued_at: number;
  sent_at: number | null;
  given_up_at: number | null;
}

/** The newest schema as the query builder sees it; docs/formats/catalog.md says what each column means. */
export interface CatalogTables {
  meta: MetaTable;
  machines: MachinesTable;
  runs: RunsTable;
  steps: StepsTable;
  intents: IntentsTable;
  leases: LeasesTable;
  points: PointsTable;
  copies: CopiesTable;
  reasons: ReasonsTable;
  log_lines: LogLinesTable;
  policy_sets: PolicySetsTable;
  schedules: SchedulesTable;
  alarms: AlarmsTable;
  notices: NoticesTable;
}
