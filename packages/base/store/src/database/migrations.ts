/** Each entry brings the schema one version further; released entries never change. */
export const migrations: readonly string[] = [
  `
  create table repositories (
    id text primary key,
    last_task integer not null default 0,
    last_run integer not null default 0,
    last_seq bigint not null default 0
  );
  create table tasks (
    repository text not null references repositories on delete cascade,
    number integer not null,
    key text not null,
    text text not null,
    title text not null,
    priority integer not null,
    package text,
    agent text,
    budget jsonb not null,
    may_land boolean not null,
    state text not null,
    origin text not null,
    created_at bigint not null,
    primary key (repository, number),
    unique (repository, key)
  );
  create table runs (
    repository text not null,
    number integer not null,
    key text not null,
    task integer not null,
    priority integer not null,
    agent text not null,
    model text,
    state text not null,
    outcome text,
    reason text,
    branch text not null,
    base text,
    head text,
    landed text,
    turns integer not null,
    gate_failures integer not null,
    tokens jsonb not null,
    cost_usd double precision,
    budget jsonb not null,
    may_land boolean not null,
    active_ms double precision not null,
    created_at bigint not null,
    updated_at bigint not null,
    progress jsonb,
    worker text,
    primary key (repository, number),
    unique (repository, key),
    foreign key (repository, task) references tasks on delete cascade
  );
  create index runs_queued on runs (repository, priority, number) where state = 'queued' and worker is null;
  create index runs_held on runs (repository, worker) where worker is not null;
  create table events (
    repository text not null references repositories on delete cascade,
    seq bigint not null,
    at bigint not null,
    task integer,
    run integer,
    name text not null,
    data jsonb not null,
    key text,
    primary key (repository, seq)
  );
  create unique index events_key on events (repository, key) where key is not null;
  create index events_run on events (repository, run, seq) where run is not null;
  create table interventions (
    repository text not null references repositories on delete cascade,
    id bigint generated always as identity,
    key text not null,
    run integer not null,
    kind text not null,
    text text not null,
    at bigint not null,
    consumed_by text,
    primary key (repository, id),
    unique (repository, key),
    foreign key (repository, run) references runs on delete cascade
  );
  create index interventions_pending on interventions (repository, run, id) where consumed_by is null;
  create table turns (
    repository text not null,
    run integer not null,
    key text not null,
    model text,
    input bigint not null,
    cached_input bigint not null,
    cache_write bigint not null,
    output bigint not null,
    reasoning bigint not null,
    cost_usd double precision,
    wall_ms double precision not null,
    at bigint not null,
    primary key (repository, run, key),
    foreign key (repository, run) references runs on delete cascade
  );
  create index turns_day on turns (repository, at);
  create table gate_cache (
    repository text not null references repositories on delete cascade,
    gate text not null,
    tree text not null,
    result jsonb not null,
    at bigint not null,
    primary key (repository, gate, tree)
  );
  create table workers (
    repository text not null references repositories on delete cascade,
    id text not null,
    host text not null,
    pid integer not null,
    beat_at timestamptz not null default now(),
    primary key (repository, id)
  );
  create table effects (
    repository text not null references repositories on delete cascade,
    key text not null,
    result jsonb not null,
    at bigint not null,
    primary key (repository, key)
  );
  `,
  `
  alter table runs add column target text;
  `,
  `
  alter table interventions add column actor jsonb, add column budget jsonb;
  `,
  `
  alter table runs add column token bigint not null default 0;
  alter table repositories add column place jsonb;
  alter table workers add column place jsonb;
  create table lanes (
    repository text not null references repositories on delete cascade,
    name text not null,
    epoch uuid not null default gen_random_uuid(),
    holder text not null,
    attempt text not null,
    token bigint not null,
    until timestamptz,
    primary key (repository, name)
  );
  `,
  `
  alter table events add column version integer not null default 1;
  create index events_task on events (repository, task, seq) where task is not null;
  `,
]
