import { Client, escapeLiteral } from 'pg'
import { appRole, databaseName, ownerRole } from './cluster-access.ts'
import type { Passwords } from './passwords.ts'
import { postgresPort } from './postmaster.ts'
import { isVerifierOf, scramVerifier } from './scram-verifier.ts'

export interface Server {
  readonly socketDir: string
  readonly passwords: Passwords
}

/** Brings roles and owners to what they shall be, in one transaction; where all is well nothing is written. Clusters of earlier versions had one role for everything. */
export async function settleRoles(server: Server): Promise<void> {
  const client = await connectAsOwner(server)
  try {
    // Functions and operators of other schemas are not ours to trust.
    await client.query('set search_path to pg_catalog')
    if (await isSettled(client, server.passwords)) return
    await client.query('begin')
    await client.query('select pg_advisory_xact_lock($1::bigint)', [settlingLock])
    await endOthers(client)
    await settle(client, server.passwords)
    await client.query('commit')
  } finally {
    await client.end()
  }
}

/** Any number that no other program on the same server uses; below 2^32, as `pg_locks` shows it. */
const settlingLock = 740_211_853

/** Who is connected while owners change may hold what we would wait for without end; all of them connect again. Another start waits for us. */
async function endOthers(client: Client): Promise<void> {
  await client.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid()
       and pid not in (select pid from pg_locks where locktype = 'advisory' and objid = $1 and pid is not null)`,
    [settlingLock],
  )
}

/** To our database, which is made where it is missing. */
export async function connectAsOwner(server: Server): Promise<Client> {
  try {
    return await connect(server, databaseName)
  } catch (error) {
    if (codeOf(error) !== noSuchDatabase) throw error
    const client = await connect(server, 'postgres')
    try {
      await client.query(`create database ${databaseName}`).catch(ignoreDuplicate)
    } finally {
      await client.end()
    }
    return connect(server, databaseName)
  }
}

const noSuchDatabase = '3D000'

async function connect({ socketDir, passwords }: Server, database: string): Promise<Client> {
  const client = new Client({
    host: socketDir,
    port: postgresPort,
    user: ownerRole,
    password: passwords.owner,
    database,
    connectionTimeoutMillis: 10_000,
  })
  client.on('error', () => {})
  await client.connect()
  return client
}

interface Roles {
  readonly owner: string | null
  readonly app: string | null
  readonly isPlain: boolean | null
  readonly ownsDatabase: boolean | null
}

async function readRoles(client: Client): Promise<Roles> {
  const { rows } = await client.query<Roles>(
    `select (select rolpassword from pg_authid where rolname = $1) as owner, app.rolpassword as app,
       app.rolcanlogin and not (app.rolsuper or app.rolcreatedb or app.rolcreaterole or app.rolreplication or app.rolbypassrls)
         and not exists (select from pg_auth_members where member = app.oid) as "isPlain",
       (select datdba = app.oid from pg_database where datname = $3) as "ownsDatabase"
     from (select) as one left join pg_authid as app on app.rolname = $2`,
    [ownerRole, appRole, databaseName],
  )
  return rows[0] ?? { owner: null, app: null, isPlain: null, ownsDatabase: null }
}

async function isSettled(client: Client, passwords: Passwords): Promise<boolean> {
  const { owner, app, isPlain, ownsDatabase } = await readRoles(client)
  if (isPlain !== true || ownsDatabase !== true) return false
  if (!isVerifierOf(owner, passwords.owner) || !isVerifierOf(app, passwords.app)) return false
  return (await ofTheOwner(client)).length === 0
}

async function settle(client: Client, passwords: Passwords): Promise<void> {
  const { rowCount } = await client.query('select from pg_roles where rolname = $1', [appRole])
  if (rowCount === 0) await client.query(`create role ${appRole}`)
  const verifier = (password: string): string => escapeLiteral(scramVerifier(password))
  await client.query(
    `alter role ${appRole} with login nosuperuser nocreatedb nocreaterole noreplication nobypassrls password ${verifier(passwords.app)}`,
  )
  await client.query(`alter role ${ownerRole} with password ${verifier(passwords.owner)}`)
  const { rows } = await client.query<{ role: string }>(
    `select quote_ident(pg_get_userbyid(roleid)) as role from pg_auth_members where member = $1::regrole`,
    [appRole],
  )
  for (const { role } of rows) await client.query(`revoke ${role} from ${appRole}`)
  await client.query(`alter database ${databaseName} owner to ${appRole}`)
  for (const object of await ofTheOwner(client)) await client.query(`alter ${object} owner to ${appRole}`)
}

/**
 * Everything in the database that the first role made, as `alter` calls it. Not `reassign owned`, which refuses the role that a cluster was made
 * with. Indexes, row types and the sequences of columns follow their tables.
 */
async function ofTheOwner(client: Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ object: string }>(
    `with ours as (
       select oid, nspname from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'
     ), free as (
       select $1::regrole::oid as owner
     ), member as (
       select classid, objid from pg_depend where deptype = 'e'
     )
     select 'schema ' || quote_ident(nspname) as object
       from pg_namespace join ours using (oid, nspname), free where nspowner = owner
     union all
     select case relkind when 'v' then 'view ' when 'm' then 'materialized view ' when 'S' then 'sequence ' when 'f' then 'foreign table '
         when 'c' then 'type ' else 'table ' end || quote_ident(nspname) || '.' || quote_ident(relname)
       from pg_class join ours on ours.oid = relnamespace, free
       where relowner = owner and relkind in ('r', 'p', 'v', 'm', 'S', 'f', 'c')
         and not exists (select from member where classid = 'pg_class'::regclass and objid = pg_class.oid)
         and not exists (select from pg_depend where classid = 'pg_class'::regclass and objid = pg_class.oid
           and refclassid = 'pg_class'::regclass and deptype in ('a', 'i') and relkind = 'S')
     union all
     select 'routine ' || pg_proc.oid::regprocedure
       from pg_proc join ours on ours.oid = pronamespace, free
       where proowner = owner and not exists (select from member where classid = 'pg_proc'::regclass and objid = pg_proc.oid)
     union all
     select 'type ' || pg_type.oid::regtype
       from pg_type join ours on ours.oid = typnamespace, free
       where typowner = owner and (typtype in ('e', 'd', 'r') or typtype = 'b' and typcategory <> 'A')
         and not exists (select from member where classid = 'pg_type'::regclass and objid = pg_type.oid)`,
    [ownerRole],
  )
  return rows.map(({ object }) => object)
}

function ignoreDuplicate(error: unknown): void {
  const code = codeOf(error)
  if (code !== '42P04' && code !== '23505') throw error
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
