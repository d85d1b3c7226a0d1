import { mkdtemp, readdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ensurePasswords, passwordFile } from './passwords.ts'
import { readPostmaster } from './postmaster.ts'
import { startEmbeddedPostgres, type EmbeddedPostgres } from './start-embedded-postgres.ts'

let folder: string
let dataDir: string
let server: EmbeddedPostgres
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'cox-roles-')))
  dataDir = join(folder, 'd')
  server = await start()
})
afterAll(async () => {
  await (await start()).stop()
  await rm(folder, { recursive: true, force: true })
})

function start(): Promise<EmbeddedPostgres> {
  return startEmbeddedPostgres({ dataDir, signal: new AbortController().signal })
}

interface Login {
  readonly user: string
  readonly password?: string
  readonly database?: string
}

/** The code of the refusal, of the connection or of the statement; null when it was done. */
async function attempt(
  { user, password, database = 'coxswain' }: Login,
  statement: string,
  { isTransaction = true }: { readonly isTransaction?: boolean } = {},
): Promise<string | null> {
  const host = readPostmaster(join(dataDir, 'cluster'))?.socketDir ?? ''
  const client = new Client({ host, port: 5432, user, password: () => password ?? '', database })
  client.on('error', () => {})
  try {
    await client.connect()
    if (isTransaction) await client.query('begin')
    await client.query(statement)
    return null
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error)
  } finally {
    await client.end().catch(() => {})
  }
}

async function as(role: 'owner' | 'app'): Promise<Login> {
  return { user: role === 'owner' ? 'coxswain' : 'app', password: (await ensurePasswords(dataDir))[role] }
}

describe('the role of our connections', () => {
  test('owns its database: schemas, functions and notices are its own', async () => {
    for (const statement of ['create schema mine', 'create function f() returns int language sql as $$ select 1 $$', 'listen x'])
      expect([statement, await attempt(await as('app'), statement)]).toEqual([statement, null])
  })

  /** Each is refused to the role, and done by the owner of the cluster, so that the row says something. */
  const powers: Readonly<Record<string, string>> = {
    'a program fed by a query': `copy (select 1) to program 'cat > /dev/null'`,
    'a program read into a table': `do $$ begin create temp table t (x text); copy t from program 'echo 1'; end $$`,
    'a file written': `copy (select 1) to '/dev/null'`,
    'a file read into a table': `do $$ begin create temp table t (x text); copy t from '/etc/hostname'; end $$`,
    'a file read': `select pg_read_file('/etc/hostname')`,
    'a file read as bytes': `select pg_read_binary_file('/etc/hostname')`,
    'a folder listed': `select pg_ls_dir('/')`,
    'a file looked at': `select pg_stat_file('/etc/hostname')`,
    'a file imported': `select lo_import('/etc/hostname')`,
    'a large object exported': `do $$ declare made oid; begin made := lo_create(0); perform lo_export(made, '/dev/null'); end $$`,
    'the rules of access read': `select * from pg_hba_file_rules`,
    'a library loaded': `load 'plpgsql'`,
    'a setting of the server': `set log_statement = 'all'`,
    'the settings read again': `select pg_reload_conf()`,
    'another role taken': `set role coxswain`,
    'another session taken': `set session authorization coxswain`,
    'a role made': `create role other`,
    'verifiers read': `select rolpassword from pg_authid`,
    'a power given to itself': `alter role app superuser`,
    'files read by membership': `grant pg_read_server_files to app`,
    'a function of the C language': `create function f() returns int language c as '$libdir/plpgsql', 'plpgsql_call_handler'`,
  }
  for (const [name, statement] of Object.entries(powers))
    test(`is refused: ${name}`, async () => {
      // A C function of that name exists or not: what counts is that the owner may ask.
      expect(await attempt(await as('app'), statement)).toMatch(/^42501$/)
      expect(await attempt(await as('owner'), statement)).toBe(null)
    })

  test('is refused an untrusted extension, and what is done outside of a transaction', async () => {
    expect(await attempt(await as('app'), 'create extension plpython3u')).toMatch(/^42501$|^0A000$|^58P01$/)
    const outside = { isTransaction: false }
    for (const statement of [`create database other`, `alter system set log_statement = 'none'`]) {
      expect([statement, await attempt(await as('app'), statement, outside)]).toEqual([statement, '42501'])
      expect([statement, await attempt(await as('owner'), statement, outside)]).toEqual([statement, null])
    }
  })
})

describe('the door of the server', () => {
  const one = 'select 1'
  test('opens to both roles with their passwords', async () => {
    expect(await attempt(await as('app'), one)).toBe(null)
    expect(await attempt(await as('owner'), one)).toBe(null)
  })

  test('is shut without a password, with a wrong one, to other roles and to other databases', async () => {
    expect(await attempt({ user: 'app' }, one)).toContain('SASL')
    expect(await attempt({ user: 'coxswain' }, one)).toContain('SASL')
    expect(await attempt({ user: 'coxswain', password: 'guessed' }, one)).toBe('28P01')
    expect(await attempt({ ...(await as('app')), password: 'guessed' }, one)).toBe('28P01')
    expect(await attempt({ ...(await as('owner')), user: 'app' }, one)).toBe('28P01')
    expect(await attempt({ ...(await as('app')), database: 'postgres' }, one)).toBe('28000')
    expect(await attempt({ user: 'root', password: 'guessed' }, one)).toBe('28000')
  })

  test('has passwords that this user alone can read, and that stand nowhere else', async () => {
    expect((await stat(passwordFile(dataDir))).mode & 0o777).toBe(0o600)
    const { owner, app } = await ensurePasswords(dataDir)
    const files = await readdir(dataDir, { recursive: true, withFileTypes: true })
    const holders = await Promise.all(
      files
        .filter((file) => file.isFile() && !file.parentPath.includes('binaries'))
        .map(async (file) => {
          const path = join(file.parentPath, file.name)
          const content = await readFile(path, 'latin1')
          return content.includes(owner) || content.includes(app) ? [path] : []
        }),
    )
    expect(holders.flat()).toEqual([passwordFile(dataDir)])
    const seen = await Promise.all(
      (await readdir('/proc'))
        .filter((name) => /^\d+$/.test(name))
        .flatMap((pid) => ['cmdline', 'environ'].map((name) => readFile(`/proc/${pid}/${name}`, 'latin1').catch(() => ''))),
    )
    expect(seen.filter((text) => text.includes(owner) || text.includes(app))).toEqual([])
    expect((await readdir(dataDir)).toSorted()).toEqual(['cluster', 'passwords.json', 'socket', 'starts'])
  })

  test('opens again when the passwords were lost, spoilt, or changed by the role itself', async () => {
    for (const spoil of [
      () => rm(passwordFile(dataDir)),
      () => writeFile(passwordFile(dataDir), '{"version":1'),
      async () => void (await attempt(await as('app'), `alter role app password 'other'; commit`)),
      async () => void (await attempt(await as('owner'), `alter role app superuser; grant pg_read_server_files to app; commit`)),
    ]) {
      await spoil()
      server = await start()
      const client = new Client({ connectionString: server.url })
      await client.connect()
      const { rows } = await client.query(
        `select current_user as role, rolsuper as super, (select count(*)::int from pg_auth_members where member = pg_roles.oid) as groups
         from pg_roles where rolname = current_user`,
      )
      expect(rows).toEqual([{ role: 'app', super: false, groups: 0 }])
      await client.end()
    }
  })
})
