import { CoxError } from '@coxswain/kernel'
import type { Client } from 'pg'
import { migrations } from './migrations.ts'

/** Any number that no other program on the same server uses. */
const migrationLock = 7_402_118_530

/** Brings the schema to our version, one process at a time, all or nothing. @throws CoxError DATABASE_NEWER */
export async function migrate(client: Client): Promise<void> {
  await client.query('begin')
  try {
    await client.query('select pg_advisory_xact_lock($1)', [migrationLock])
    const current = await readVersion(client)
    if (current > migrations.length) throw newer(current)
    for (const [index, statements] of migrations.entries()) {
      if (index >= current) await client.query(statements)
    }
    if (current < migrations.length) await client.query('update schema_version set version = $1', [migrations.length])
    await client.query('commit')
  } catch (error) {
    await client.query('rollback').catch(() => {}) // the connection may be what failed
    throw error
  }
}

async function readVersion(client: Client): Promise<number> {
  await client.query('create schema if not exists coxswain')
  await client.query('set local search_path to coxswain')
  await client.query(
    'create table if not exists schema_version (only_row boolean primary key default true check (only_row), version integer not null)',
  )
  await client.query('insert into schema_version (version) values (0) on conflict do nothing')
  const { rows } = await client.query<{ version: number }>('select version from schema_version')
  return rows[0]?.version ?? 0
}

function newer(version: number): CoxError {
  return new CoxError('DATABASE_NEWER', `The database has schema version ${version}, this program knows ${migrations.length}`, {
    hint: 'Update Coxswain on this machine, or use another database.',
    data: { version, known: migrations.length },
  })
}
