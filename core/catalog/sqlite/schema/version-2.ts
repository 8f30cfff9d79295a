/** What schema 2 adds, as docs/formats/catalog.md describes it: policies, schedules, alarms and what is to be told. Never changed. */
export const version2 = `
alter table runs add column policy text;
alter table runs add column not_before integer not null default 0;
create index runs_of_policy on runs (state, not_before, seq) where policy is not null;

create table policy_sets (
  id integer primary key autoincrement,
  text text not null,
  source text not null,
  who text not null,
  at integer not null
) strict;

create table schedules (
  policy text not null,
  workflow text not null,
  handled_until integer not null,
  last_due integer,
  last_fired_at integer,
  last_was_catch_up integer not null default 0,
  missed integer not null default 0,
  primary key (policy, workflow)
) strict, without rowid;

create table alarms (
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
create unique index alarms_open on alarms (key) where cleared_at is null;
create index alarms_by_age on alarms (since, seq);

create table notices (
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
create index notices_due on notices (next_at, seq) where sent_at is null and given_up_at is null;
`;
