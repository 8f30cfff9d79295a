-- A catalog of schema 2 as its first release wrote it, with rows in every table. Never changed.
pragma application_id = 1214661492;
pragma user_version = 2;
CREATE TABLE meta (
  key text primary key,
  value text not null
) strict, without rowid;
CREATE TABLE machines (
  endpoint text not null,
  id text not null,
  name text not null,
  machine text not null,
  seen_at integer not null,
  gone_at integer,
  primary key (endpoint, id)
) strict;
CREATE TABLE runs (
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
, policy text, not_before integer not null default 0) strict;
CREATE INDEX runs_by_age on runs (created_at, seq);
CREATE INDEX runs_by_state on runs (state, created_at, seq);
CREATE INDEX runs_by_machine on runs (machine, created_at, seq);
CREATE TABLE steps (
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
CREATE TABLE intents (
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
CREATE INDEX intents_of_run on intents (run, seq);
CREATE INDEX intents_open on intents (seq) where settled_at is null;
CREATE TABLE leases (
  token integer primary key autoincrement,
  kind text not null check (kind in ('run', 'thing', 'slot')),
  name text not null,
  holder text not null,
  expires_at integer not null,
  run text references runs (id) on delete cascade,
  check ((kind = 'run') = (run is not null))
) strict;
CREATE UNIQUE INDEX leases_one_holder on leases (kind, name) where kind <> 'slot';
CREATE INDEX leases_by_name on leases (kind, name);
CREATE INDEX leases_of_run on leases (run) where run is not null;
CREATE TABLE points (
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
CREATE INDEX points_of_machine on points (machine, endpoint, taken_at);
CREATE TABLE copies (
  point text not null,
  target text not null,
  state text not null check (state in ('present', 'forgotten', 'missing')),
  stored_bytes integer not null,
  seen_at integer not null,
  primary key (point, target)
) strict, without rowid;
CREATE TABLE reasons (
  run text not null references runs (id) on delete cascade,
  line integer not null,
  at integer not null,
  decision text not null,
  because text not null,
  primary key (run, line)
) strict;
CREATE TABLE log_lines (
  run text not null references runs (id) on delete cascade,
  line integer not null,
  at integer not null,
  level text not null check (level in ('debug', 'info', 'warn', 'error')),
  text text not null,
  primary key (run, line)
) strict;
CREATE INDEX runs_of_policy on runs (state, not_before, seq) where policy is not null;
CREATE TABLE policy_sets (
  id integer primary key autoincrement,
  text text not null,
  source text not null,
  who text not null,
  at integer not null
) strict;
CREATE TABLE schedules (
  policy text not null,
  workflow text not null,
  handled_until integer not null,
  last_due integer,
  last_fired_at integer,
  last_was_catch_up integer not null default 0,
  missed integer not null default 0,
  primary key (policy, workflow)
) strict, without rowid;
CREATE TABLE alarms (
  seq integer primary key autoincrement,
  key text not null,
  kind text not null,
  severity text not null,
  title text not null,
  text text not null,
  remedy text,
  facts text not null,
  since integer not null,
  cleared_at integer
) strict;
CREATE UNIQUE INDEX alarms_open on alarms (key) where cleared_at is null;
CREATE INDEX alarms_by_age on alarms (since, seq);
CREATE TABLE notices (
  seq integer primary key autoincrement,
  id text not null,
  notifier text not null,
  notice text not null,
  attempts integer not null default 0,
  next_at integer not null,
  error text,
  queued_at integer not null,
  sent_at integer,
  given_up_at integer,
  unique (id, notifier)
) strict;
CREATE INDEX notices_due on notices (next_at, seq) where sent_at is null and given_up_at is null;
insert into meta (key, value) values ('created_at', '1700000000000');
insert into meta (key, value) values ('epoch', '7cd2c50c0bd9795ef4ba717c21e6a104');
insert into meta (key, value) values ('site', '4679533726273f14d007970262a0b45c');
insert into machines (endpoint, id, name, machine, seen_at, gone_at) values ('lab', 'm-1', 'erp-db', '{"id":"m-1","name":"erp-db","power":"off","place":"esx-lon","tags":["gold"],"disks":[{"key":"vda","sizeBytes":1073741824,"format":"qcow2","kind":"virtual","location":"/vm/m-1.qcow2"}],"config":{"mediaType":"application/x-libvirt+xml","text":"<domain><name>erp-db</name></domain>"}}', 1700000001000, NULL);
insert into machines (endpoint, id, name, machine, seen_at, gone_at) values ('lab', 'm-2', char(1) || '"half \ud800 a name"', '{"id":"m-2","name":"half \ud800 a name","power":"off","place":"esx-lon","tags":["gold"],"disks":[{"key":"vda","sizeBytes":1073741824,"format":"qcow2","kind":"virtual","location":"/vm/m-2.qcow2"}],"config":{"mediaType":"application/x-libvirt+xml","text":"<domain><name>half \ud800 a name</name></domain>"}}', 1700000000000, 1700000001000);
insert into runs (seq, id, kind, endpoint, machine, machine_name, state, steps, input, who, created_at, started_at, ended_at, attempts, cancel_asked_by, error, progress, result, policy, not_before) values (1, 'run-done', 'protect', 'lab', 'm-1', 'erp-db', 'partial', '[{"use":"proxy","settings":{"to":"disk-main"}}]', '{"machine":{"endpoint":"lab","machine":{"id":"m-1","name":"erp-db","power":"off","place":"esx-lon","tags":["gold"],"disks":[{"key":"vda","sizeBytes":1073741824,"format":"qcow2","kind":"virtual","location":"/vm/m-1.qcow2"}],"config":{"mediaType":"application/x-libvirt+xml","text":"<domain><name>erp-db</name></domain>"}}}}', 'test', 1, 1700000001000, 1700000001000, 1, NULL, '{"code":"TARGET_IO","message":"read failed","remedy":null}', NULL, '{"disks":{"vda":{"readBytes":7}}}', NULL, 0);
insert into runs (seq, id, kind, endpoint, machine, machine_name, state, steps, input, who, created_at, started_at, ended_at, attempts, cancel_asked_by, error, progress, result, policy, not_before) values (2, 'run-open', 'protect', 'lab', 'm-1', 'erp-db', 'running', '[{"use":"proxy","settings":{"to":"disk-main"}}]', '{"machine":{"endpoint":"lab","machine":{"id":"m-1","name":"erp-db","power":"off","place":"esx-lon","tags":["gold"],"disks":[{"key":"vda","sizeBytes":1073741824,"format":"qcow2","kind":"virtual","location":"/vm/m-1.qcow2"}],"config":{"mediaType":"application/x-libvirt+xml","text":"<domain><name>erp-db</name></domain>"}}}}', 'test', 2, 1700000001000, NULL, 1, NULL, NULL, '{"phase":"reading","doneBytes":5}', 'null', NULL, 0);
insert into runs (seq, id, kind, endpoint, machine, machine_name, state, steps, input, who, created_at, started_at, ended_at, attempts, cancel_asked_by, error, progress, result, policy, not_before) values (3, 'run-waiting', 'protect', 'lab', 'm-1', 'erp-db', 'waiting', '[{"use":"proxy","settings":{"to":"disk-main"}}]', '{"machine":{"endpoint":"lab","machine":{"id":"m-1","name":"erp-db","power":"off","place":"esx-lon","tags":["gold"],"disks":[{"key":"vda","sizeBytes":1073741824,"format":"qcow2","kind":"virtual","location":"/vm/m-1.qcow2"}],"config":{"mediaType":"application/x-libvirt+xml","text":"<domain><name>erp-db</name></domain>"}}}}', 'test', 3, NULL, NULL, 0, NULL, NULL, NULL, 'null', '{"policy":"gold","workflow":"backup","due":1699999200000}', 1699999260000);
insert into steps (run, step, use, state, started_at, ended_at, checkpoint, output, error) values ('run-done', 0, 'proxy', 'done', 1, 5, '{"at":42,"seen":{"$":"bytes","of":"AP8="},"none":{"$":"undefined"}}', '{"restore-point":{"target":"disk-main","point":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","machine":"m-1","takenAt":4}}', NULL);
insert into intents (seq, id, run, step, use, kind, state, created_at, settled_at) values (1, '575a9828259f15a0f66073b9865eddce', 'run-done', 0, 'snapshot', 'snapshot', '{"of":"m-1"}', 1700000001000, 1700000001000);
insert into intents (seq, id, run, step, use, kind, state, created_at, settled_at) values (2, 'cea7f40b65d64409a111280f30d67929', 'run-open', 0, 'snapshot', 'snapshot', '{"of":"m-2","made":["snap-7"]}', 1700000001000, NULL);
insert into leases (token, kind, name, holder, expires_at, run) values (2, 'run', 'run:run-open', 'host-2', 1700000061000, 'run-open');
insert into leases (token, kind, name, holder, expires_at, run) values (3, 'thing', 'janitor', 'host-1', 1700000061000, NULL);
insert into leases (token, kind, name, holder, expires_at, run) values (4, 'slot', 'snapshot:esx-1', 'host-2', 1700000061000, NULL);
insert into points (target, point, endpoint, machine, machine_name, taken_at, committed_at, consistency, disks, size_bytes, stored_bytes) values ('disk-main', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'lab', 'm-1', 'erp-db', 1700000000000, 1700000001000, 'filesystem', '[{"key":"vda","sizeBytes":1073741824,"format":"qcow2","changeToken":null}]', 1073741824, 4096);
insert into points (target, point, endpoint, machine, machine_name, taken_at, committed_at, consistency, disks, size_bytes, stored_bytes) values ('disk-main', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 'lab', 'm-1', 'erp-db', 5, 1700000001000, 'filesystem', '[{"key":"vda","sizeBytes":1073741824,"format":"qcow2","changeToken":null}]', 1073741824, 4096);
insert into copies (point, target, state, stored_bytes, seen_at) values ('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'disk-main', 'present', 4096, 1700000001000);
insert into copies (point, target, state, stored_bytes, seen_at) values ('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 'disk-main', 'forgotten', 4096, 1700000001000);
insert into reasons (run, line, at, decision, because) values ('run-done', 1, 1700000001000, 'full read of vda', 'no earlier restore point');
insert into log_lines (run, line, at, level, text) values ('run-done', 1, 6, 'info', 'started');
insert into log_lines (run, line, at, level, text) values ('run-done', 2, 7, 'warn', char(1) || '"\u001b[2J and \u0000"');
insert into policy_sets (id, text, source, who, at) values (1, 'policies: {}' || char(10), '/etc/holdfast/policies.yaml', 'ann', 1699990000000);
insert into policy_sets (id, text, source, who, at) values (3, '# half of it' || char(10) || 'policies: {gold: {}}' || char(10), '/etc/holdfast/policies.yaml', 'ann', 1699995000000);
insert into schedules (policy, workflow, handled_until, last_due, last_fired_at, last_was_catch_up, missed) values ('gold', 'backup', 1699999200000, 1699999200000, 1699999205000, 1, 3);
insert into schedules (policy, workflow, handled_until, last_due, last_fired_at, last_was_catch_up, missed) values ('gold', 'monthly', 1699999200000, NULL, NULL, 0, 0);
insert into alarms (seq, key, kind, severity, title, text, remedy, facts, since, cleared_at) values (1, 'rpo lab/erp-db', 'rpo', 'warning', 'erp-db is late', 'its newest restore point is 5 h old', 'look why', '{"machine":"m-1","ageMs":18000000}', 1699990000000, 1699991000000);
insert into alarms (seq, key, kind, severity, title, text, remedy, facts, since, cleared_at) values (2, 'failed lab/erp-db', 'failed', 'error', 'a run of erp-db failed', 'read failed', NULL, '{}', 1699992000000, NULL);
insert into notices (seq, id, notifier, notice, attempts, next_at, error, queued_at, sent_at, given_up_at) values (1, 'n-1', 'ops', '{"kind":"rpo","title":"erp-db is late"}', 1, 1699990000000, NULL, 1699990000000, 1699990001000, NULL);
insert into notices (seq, id, notifier, notice, attempts, next_at, error, queued_at, sent_at, given_up_at) values (2, 'n-2', 'ops', '{"kind":"failed","title":"a run of erp-db failed"}', 2, 1699992060000, 'connection refused', 1699992000000, NULL, NULL);
update sqlite_sequence set seq = 2 where name = 'alarms';
update sqlite_sequence set seq = 2 where name = 'intents';
update sqlite_sequence set seq = 4 where name = 'leases';
update sqlite_sequence set seq = 2 where name = 'notices';
update sqlite_sequence set seq = 3 where name = 'policy_sets';
update sqlite_sequence set seq = 3 where name = 'runs';
