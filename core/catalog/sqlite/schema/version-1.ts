/** The tables of schema 1, as docs/formats/catalog.md describes them. Never changed: a later schema is a later migration. */
export const version1 = `
create table meta (
  key text primary key,
  value text not null
) strict, without rowid;

create table machines (
  endpoint text not null,
  id text not null,
  name text not null,
  machine text not null,
  seen_at integer not null,
  gone_at integer,
  primary key (endpoint, id)
) strict;

create table runs (
  seq integer primary key autoincrement,
  id text not null unique,
  kind text not null,
  endpoint text not null,
  machine text not null,
  machine_name text not null,
  state text not null check (state in ('waiting', 'running', 'done', 'partial', 'failed', 'cancelled')),
  steps text not null,
  input text not null,
  who text not null,
  created_at integer not null,
  started_at integer,
  ended_at integer,
  attempts integer not null default 0,
  cancel_asked_by text,
  error text,
  progress text,
  result text not null
) strict;
create index runs_by_age on runs (created_at, seq);
create index runs_by_state on runs (state, created_at, seq);
create index runs_by_machine on runs (machine, created_at, seq);

create table steps (
  run text not null references runs (id) on delete cascade,
  step integer not null,
  use text not null,
  state text not null check (state in ('waiting', 'running', 'done', 'failed', 'cancelled', 'skipped')),
  started_at integer,
  ended_at integer,
  checkpoint text not null,
  output text,
  error text,
  primary key (run, step)
) strict;

create table intents (
  seq integer primary key autoincrement,
  id text not null unique,
  run text not null references runs (id) on delete cascade,
  step integer not null,
  use text not null,
  kind text not null,
  state text not null,
  created_at integer not null,
  settled_at integer
) strict;
create index intents_of_run on intents (run, seq);
create index intents_open on intents (seq) where settled_at is null;

create table leases (
  token integer primary key autoincrement,
  kind text not null check (kind in ('run', 'thing', 'slot')),
  name text not null,
  holder text not null,
  expires_at integer not null,
  run text references runs (id) on delete cascade,
  check ((kind = 'run') = (run is not null))
) strict;
create unique index leases_one_holder on leases (kind, name) where kind <> 'slot';
create index leases_by_name on leases (kind, name);
create index leases_of_run on leases (run) where run is not null;

create table points (
  target text not null,
  point text not null,
  endpoint text not null,
  machine text not null,
  machine_name text not null,
  taken_at integer not null,
  committed_at integer not null,
  consistency text not null,
  disks text not null,
  size_bytes integer not null,
  stored_bytes integer not null,
  primary key (target, point)
) strict;
create index points_of_machine on points (machine, endpoint, taken_at);

create table copies (
  point text not null,
  target text not null,
  state text not null check (state in ('present', 'forgotten', 'missing')),
  stored_bytes integer not null,
  seen_at integer not null,
  primary key (point, target)
) strict, without rowid;

create table reasons (
  run text not null references runs (id) on delete cascade,
  line integer not null,
  at integer not null,
  decision text not null,
  because text not null,
  primary key (run, line)
) strict;

create table log_lines (
  run text not null references runs (id) on delete cascade,
  line integer not null,
  at integer not null,
  level text not null check (level in ('debug', 'info', 'warn', 'error')),
  text text not null,
  primary key (run, line)
) strict;
`;
