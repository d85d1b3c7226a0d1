import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { identify } from '@coxswain/host'
import { sleep } from '@coxswain/kernel'
import { Client } from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { newTask, openTestStore } from '../testing.ts'
import { accessOf, readPostmaster } from './postmaster.ts'
import { startEmbeddedPostgres, type EmbeddedPostgres } from './start-embedded-postgres.ts'
import { startOldCluster } from './testing/start-old-cluster.ts'

let folder: string
let dataDir: string
let oldUrl: string
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'cox-old-')))
  dataDir = join(folder, 'd')
  oldUrl = await startOldCluster(dataDir)
  await using(oldUrl, async (client) => {
    await client.query(objects)
  })
  const store = await openTestStore(oldUrl, { repository: 'shop' })
  await store.tasks.add(newTask({ title: 'kept' }))
  await store.close()
})
afterEach(async () => {
  await (await start()).stop()
  await rm(folder, { recursive: true, force: true })
})

/** Of each kind that has an owner, with names that need quotes. */
const objects = `
  create schema "Old ""one""";
  set search_path to "Old ""one""";
  create type mood as enum ('good');
  create type pair as (a int, b mood);
  create domain short as text check (length(value) < 9);
  create type span as range (subtype = int4);
  create table "T ""1""" (id bigint generated always as identity primary key, n serial, m mood, p pair, s short);
  insert into "T ""1""" (m) values ('good');
  create table parted (day int) partition by range (day);
  create table part_one partition of parted for values from (0) to (9);
  create view looked as select * from "T ""1""";
  create materialized view kept as select 1 as one;
  create sequence counted;
  create function one(a mood, b text[] default null) returns int language plpgsql as $$ begin return 1; end $$;
  create procedure nothing() language sql as $$ select 1 $$;
  create aggregate total(int) (sfunc = int4pl, stype = int, initcond = '0');
  create trigger t before update on "T ""1""" for each row execute function suppress_redundant_updates_trigger();
  create table public.in_public (a int);
`

function start(): Promise<EmbeddedPostgres> {
  return startEmbeddedPostgres({ dataDir, signal: new AbortController().signal })
}

async function using<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** The cluster is closed, everything in the database is the new role's, and what was stored is there. */
async function expectMoved(): Promise<void> {
  const { url } = await start()
  const socketDir = readPostmaster(join(dataDir, 'cluster'))?.socketDir ?? ''
  expect(await accessOf(socketDir)).toBe('closed')
  await expect(using(oldUrl, async () => {})).rejects.toThrow('SASL')
  const owners = await using(url, (client) =>
    client.query(`
      with ours as (select oid from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema')
      select distinct pg_get_userbyid(owner) as owner from (
        select nspowner as owner from pg_namespace where oid in (select oid from ours) and nspname <> 'public'
        union all select relowner from pg_class where relnamespace in (select oid from ours)
        union all select proowner from pg_proc where pronamespace in (select oid from ours)
        union all select typowner from pg_type where typnamespace in (select oid from ours)
        union all select datdba from pg_database where datname = 'coxswain'
      ) as objects`),
  )
  expect(owners.rows).toEqual([{ owner: 'app' }])
  const store = await openTestStore(url, { repository: 'shop' })
  expect((await store.tasks.list()).map(({ id, title }) => [id, title])).toEqual([['t1', 'kept']])
  await store.tasks.add(newTask({ title: 'new' }))
  await store.close()
  expect(await using(url, async (client) => (await client.query('select m, p from "Old ""one"""."T ""1"""')).rows)).toEqual([
    { m: 'good', p: null },
  ])
}

test('a cluster of the version before is moved at its first start, and who was connected is not any more', async () => {
  const client = new Client({ connectionString: oldUrl })
  client.on('error', () => {})
  await client.connect()
  const ended = new Promise((resolve) => client.once('end', resolve))
  await expectMoved()
  await ended
  await expect(client.query('select 1')).rejects.toThrow('not queryable')
})

test('a cluster of the version before whose server does not run is moved, too', async () => {
  const pid = readPostmaster(join(dataDir, 'cluster'))?.pid ?? 0
  process.kill(pid, 'SIGKILL')
  while (identify(pid) !== null) await sleep(10)
  await expectMoved()
})

test('several that move it at the same time get one server', async () => {
  const urls = (await Promise.all([start(), start(), start()])).map(({ url }) => url)
  expect(new Set(urls).size).toBe(1)
  await expectMoved()
})

/** What a start does with an old cluster, one after the other; the process dies after, or in the middle of, the last. */
const steps: readonly string[] = [
  `const passwords = await ensurePasswords(dataDir)`,
  `await settleRoles({ socketDir, passwords })`,
  `await writeAccessRules(cluster, { prefix: [], own: async () => {} })`,
  `await shutDownPostmaster(readPostmaster(cluster))`,
]

async function dieAfter(count: number): Promise<void> {
  const program = join(folder, 'mover.mts')
  const from = (name: string): string => JSON.stringify(new URL(`./${name}.ts`, import.meta.url).href)
  await writeFile(
    program,
    `import { ensurePasswords } from ${from('passwords')}
     import { settleRoles } from ${from('settle-roles')}
     import { writeAccessRules } from ${from('cluster-access')}
     import { readPostmaster, shutDownPostmaster } from ${from('postmaster')}
     const dataDir = ${JSON.stringify(dataDir)}
     const cluster = dataDir + '/cluster'
     const { socketDir } = readPostmaster(cluster)
     ${steps.slice(0, count).join('\n')}
     process.kill(process.pid, 'SIGKILL')`,
  )
  const child = spawn(process.execPath, [program], { stdio: ['ignore', 'inherit', 'inherit'] })
  expect(await once(child, 'exit')).toEqual([null, 'SIGKILL'])
}

for (const count of steps.keys())
  test(`a move that is killed after its step ${count + 1} is ended by the next start`, async () => {
    await dieAfter(count + 1)
    await expectMoved()
  })

test('a move that is killed in the middle of its transaction changed nothing and is done by the next start', async () => {
  await using(oldUrl, (client) =>
    client.query(`
      create function public.slow() returns event_trigger language plpgsql as $$ begin perform pg_sleep(600); end $$;
      create event trigger slow on ddl_command_start when tag in ('ALTER TABLE') execute function public.slow()`),
  )
  const program = join(folder, 'starter.mts')
  await writeFile(
    program,
    `import { startEmbeddedPostgres } from ${JSON.stringify(new URL('./start-embedded-postgres.ts', import.meta.url).href)}
     await startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)}, signal: new AbortController().signal })`,
  )
  const starter = spawn(process.execPath, [program], { stdio: ['ignore', 'ignore', 'inherit'] })
  const sleeping = `from pg_stat_activity where wait_event = 'PgSleep'`
  const isSleeping = (): Promise<boolean> =>
    using(oldUrl, async (client) => (await client.query(`select ${sleeping}`)).rowCount === 1)
  while (!(await isSleeping())) await sleep(10)
  starter.kill('SIGKILL')
  await once(starter, 'exit')
  await using(oldUrl, async (client) => {
    await client.query(`select pg_terminate_backend(pid) ${sleeping}`)
    await client.query('drop event trigger slow')
    expect((await client.query(`select from pg_roles where rolname = 'app'`)).rowCount).toBe(0)
  })
  await expectMoved()
})

test('who holds a lock in a cluster of the version before does not keep it from being moved', async () => {
  const client = new Client({ connectionString: oldUrl })
  client.on('error', () => {})
  await client.connect()
  const ended = new Promise((resolve) => client.once('end', resolve))
  await client.query('begin')
  await client.query('lock table public.in_public in access exclusive mode')
  await expectMoved()
  await ended
})

test('the server of a moved cluster asks for passwords by rules that are ours alone', async () => {
  await start()
  expect(await readFile(join(dataDir, 'cluster/pg_hba.conf'), 'utf8')).toMatchInlineSnapshot(`
    "# Written by Coxswain: each role gives its password, and each line names one role.
    local all coxswain scram-sha-256
    local coxswain app scram-sha-256
    "
  `)
  await writeFile(join(dataDir, 'cluster/pg_hba.conf'), 'local all all trust\n')
  await expectMoved()
})

test('a cluster that a daemon of the version before works with is left alone until that one is gone', async () => {
  const older = await openTestStore(oldUrl, { repository: 'shop' })
  await expect(start()).rejects.toMatchObject({ code: 'DATABASE_OLDER_DAEMON' })
  expect((await older.tasks.list()).length).toBe(1)
  const ending = start()
  await older.close()
  await ending
  await expectMoved()
})
